// Exported files, chosen by a person, brought back; what became of each is said.
import { canEncrypt } from "../../files/encryption.ts";
import { Refused } from "../../files/refusal.ts";
import { ask } from "../../page/dialog.ts";
import { field } from "../../page/field.ts";
import { make } from "../../page/make.ts";
import { complain, say, sayThere } from "../../page/notices.ts";
import { draw } from "../../page/views.ts";
import { allOf } from "../../words/numbers.ts";
import { t } from "../../words/words.ts";
import { isFull } from "../store.ts";
import { type Brought, bringBack } from "./bring_back.ts";

export function importField(): HTMLElement {
  const input = make("input", { type: "file", id: "import", multiple: true, accept: ".zip,.encrypted,.json,application/zip,application/json" });
  input.addEventListener("change", async () => {
    const files = [...(input.files ?? [])];
    input.value = ""; // so that choosing the same file again is a change
    if (files.length === 0) return;
    complain("");
    say(t("import.working", { name: allOf(files.map(({ name }) => name)) }));
    try {
      const brought = await bringBack(files, passphraseOf);
      if (brought) sayThere(said(brought));
      draw();
    } catch (error) {
      say("");
      complain(error instanceof Refused ? error.sentence(files[0]!.name) : t(isFull(error) ? "import.no_room" : "cases.unkept"));
    }
  });
  return make("label", { className: "button second" }, input, make("span", { textContent: t("cases.import") }));
}

async function passphraseOf(name: string): Promise<string | null> {
  if (!canEncrypt()) throw new Refused("import.insecure");
  const input = make("input", { type: "password", id: "passphrase", required: true, attributes: { autocomplete: "current-password" } });
  const accepted = await ask(t("import.passphrase"), [field(t("import.passphrase_for", { name }), input)], t("import.open"));
  return accepted ? input.value : null;
}

/** What was brought back, what stands beside what was here, and what is still missing. */
export function said({ cases, pictures, differing, parts, missing }: Brought): string {
  return [
    t("cases.imported", { n: cases }),
    t("cases.imported_pictures", { n: pictures }),
    ...(differing ? [t("cases.imported_kept_both", { n: differing })] : []),
    ...(missing.length ? [t("cases.imported_missing", { n: parts, missing: allOf(missing.map(String)) })] : []),
  ].join(" ");
}
