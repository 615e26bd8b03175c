// A modal dialog: the browser keeps the focus inside, Escape leaves it, and the focus goes back where it was. What was
// typed into it is not lost by one press of Escape.
import { button, make, type Child } from "./make.ts";
import { t } from "../words/words.ts";

let count = 0;

/**
 * Show a dialog and wait until it is closed.
 * @param parts its contents; what it ends with
 * @param accept the word on the button that accepts
 * @param danger whether accepting destroys something: then the focus begins at "Cancel"
 * @returns whether it was accepted
 */
export function ask(title: string, parts: Child[], accept: string, danger = false): Promise<boolean> {
  const id = `dialog-${++count}`;
  const before = document.activeElement;
  const cancel = button(t("action.cancel"), () => dialog.close(""));
  const dialog = make(
    "dialog",
    { attributes: { "aria-labelledby": id } },
    make(
      "form",
      { method: "dialog" },
      make("h2", { id, textContent: title }),
      ...parts,
      make(
        "div",
        { className: "actions" },
        make("button", { className: danger ? "button danger" : "button", value: "yes", textContent: accept }),
        cancel,
      ),
    ),
  );
  const warning = make("p", { className: "caution", hidden: true, attributes: { role: "alert" } });
  dialog.querySelector(".actions")!.before(warning);
  let typed = false;
  dialog.addEventListener("input", () => (typed = true));
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !typed) return;
    event.preventDefault();
    typed = false; // the next one is meant
    warning.hidden = false;
    warning.textContent = t("dialog.typed");
  });
  document.body.append(dialog);
  dialog.showModal();
  if (danger) cancel.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before instanceof HTMLElement) before.focus();
      resolve(dialog.returnValue === "yes");
    });
  });
}

/** Ask before what cannot be undone; `parts` say what it is in full. */
export const confirmed = (question: string, ...parts: Child[]): Promise<boolean> =>
  ask(question, parts, t("action.delete"), true);
