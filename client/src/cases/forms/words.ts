// What a person says of a case, as fields.
import { field } from "../../page/field.ts";
import { make } from "../../page/make.ts";
import { t } from "../../words/words.ts";
import { bodyMap } from "../body/body_map.ts";
import type { Case } from "../case.ts";

const [MOST_LABEL, MOST_NOTES] = [80, 20_000];

/** @param written called with each change */
export function labelField(label: string, written: (label: string) => void): HTMLElement {
  const input = make("input", {
    id: "patient",
    value: label,
    maxLength: MOST_LABEL,
    oninput: () => written(input.value.trim()),
    attributes: { autocomplete: "off" },
  });
  return field(t("case.patient"), input, t("case.patient_hint"));
}

export const siteField = (words: Pick<Case, "site">, written: () => void): HTMLElement =>
  bodyMap(words.site, (site) => {
    words.site = site;
    written();
  });

export function notesField(words: Pick<Case, "notes">, written: () => void): HTMLElement {
  const notes = make("textarea", {
    id: "notes",
    value: words.notes,
    rows: 3,
    maxLength: MOST_NOTES,
    oninput: () => {
      words.notes = notes.value.trim();
      written();
    },
  });
  return field(t("case.notes"), notes);
}
