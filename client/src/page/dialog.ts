// A modal dialog: the browser keeps the focus inside, Escape leaves it, and the focus goes back where it was. Escape
// never throws away what was typed: then only the buttons close it.
import { button, make, type Child } from "./make.ts";
import { t } from "../words/words.ts";

let count = 0;

export interface Options {
  /** Whether accepting destroys something: then the focus begins at "Cancel". */
  danger?: boolean;
  /** Whether something that was typed before stands in it again. */
  typed?: boolean;
}

/**
 * Show a dialog and wait until it is closed.
 * @param parts its contents; what it ends with
 * @param accept the word on the button that accepts
 * @returns whether it was accepted; false means that a person gave up what was typed
 */
export function ask(title: string, parts: Child[], accept: string, { danger = false, typed = false }: Options = {}): Promise<boolean> {
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
  keepTyped(dialog, typed);
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

/** Neither Escape nor a phone's gesture for "back" closes a dialog in which something was typed. */
function keepTyped(dialog: HTMLDialogElement, before: boolean): void {
  const warning = make("p", { className: "caution", hidden: true, attributes: { role: "alert" } });
  dialog.querySelector(".actions:last-child")!.prepend(warning); // which is always in sight
  let typed = before;
  dialog.addEventListener("input", () => (typed = true));
  const stay = (event: Event): void => {
    if (!typed) return;
    event.preventDefault();
    warning.hidden = false;
    warning.textContent = t("dialog.typed");
  };
  dialog.addEventListener("cancel", stay);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stay(event);
  });
}

/** Ask before what cannot be undone; `parts` say what it is in full. */
export const confirmed = (question: string, ...parts: Child[]): Promise<boolean> =>
  ask(question, parts, t("action.delete"), { danger: true });
