// Export: what it holds, a passphrase or none, then one file after the other.
import { canEncrypt } from "../../files/encryption.ts";
import { downloadLink } from "../../files/download.ts";
import { ask } from "../../page/dialog.ts";
import { field } from "../../page/field.ts";
import { button, make } from "../../page/make.ts";
import { megabytes } from "../../words/numbers.ts";
import { t } from "../../words/words.ts";
import type { Case } from "../case.ts";
import { isWhole } from "./checked.ts";
import { inParts, MOST_PART_BYTES } from "./parts.ts";
import { type Written, writeExport } from "./write.ts";

// Who finds the file can try as many as they like.
const LEAST_LETTERS = 12;

/** The button; how far the export is, and its files, stand below the row that it lies in. */
export function exportButton(cases: Case[]): HTMLElement {
  const place = make("section", { className: "export-files", id: "export-files", attributes: { "aria-labelledby": "export-title" } });
  const made = button(t("cases.export"), async () => {
    const passphrase = await askHow(cases);
    if (passphrase === null) return;
    made.disabled = true;
    const how = make("p", { id: "export-title", attributes: { role: "status" } });
    const damaged = cases.filter((entry) => !isWhole(entry)).length;
    place.replaceChildren(how);
    made.parentElement!.after(place);
    try {
      give(await writeExport(cases, passphrase, (progress) => (how.textContent = t("export.working", { ...progress, n: progress.parts }))), place);
      if (damaged > 0) place.append(make("p", { className: "caution", textContent: t("export.damaged", { n: damaged }) }));
    } catch {
      how.textContent = t("export.failed");
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

/** @returns the passphrase, "" for none; null when given up */
async function askHow(cases: Case[]): Promise<string | null> {
  const sizes = cases.flatMap(({ visits }) => visits.map(({ picture }) => picture.size));
  const parts = inParts(cases).length;
  const size = megabytes(sizes.reduce((sum, one) => sum + one, 0));
  const [first, again] = [passphraseInput("passphrase"), passphraseInput("passphrase-again")];
  const plain = make("p", { id: "not-encrypted", className: "caution", textContent: t(canEncrypt() ? "export.plain" : "export.insecure") });
  const second = field(t("export.again"), again);
  const check = (): void => {
    const short = first.value !== "" && first.value.length < LEAST_LETTERS;
    first.setCustomValidity(short ? t("export.short", { n: LEAST_LETTERS }) : "");
    again.setCustomValidity(first.value === again.value ? "" : t("export.differ"));
    plain.hidden = first.value !== "";
    second.hidden = first.value === "";
  };
  first.addEventListener("input", check);
  again.addEventListener("input", check);
  check();
  const secret = [field(t("export.passphrase"), first, t("export.passphrase_hint")), second];
  const accepted = await ask(
    t("export.title"),
    [
      make("p", { textContent: t("export.what", { cases: cases.length, pictures: sizes.length, size }) }),
      parts > 1 && make("p", { textContent: t("export.parts", { n: parts, size: megabytes(MOST_PART_BYTES) }) }),
      ...(canEncrypt() ? secret : []),
      plain,
    ],
    t("export.start"),
  );
  return accepted ? first.value : null;
}

const passphraseInput = (id: string): HTMLInputElement =>
  make("input", { type: "password", id, attributes: { autocomplete: "new-password" } });

/** A single file is saved at once; of several each by a link of its own, since browsers let a page save one unasked. */
function give(files: Written[], place: HTMLElement): void {
  const title = make("h2", { id: "export-title", textContent: t("export.ready"), tabIndex: -1 });
  const links = files.map(({ name, file }, i) => {
    const values = { part: i + 1, n: files.length, size: megabytes(file.size) };
    const link = downloadLink(file, name, t(files.length === 1 ? "export.save_one" : "export.save", values), "button second");
    const done = make("p", { className: "fine", attributes: { role: "status" } });
    link.addEventListener("click", () => (done.textContent = t("export.saved", { name })));
    return make("li", {}, link, done);
  });
  place.replaceChildren(title, ...(files.length > 1 ? [make("p", { textContent: t("export.all_needed") })] : []), make("ul", {}, ...links));
  title.focus();
  place.scrollIntoView({ block: "nearest" });
  if (files.length === 1) links[0]!.querySelector("a")!.click();
}
