// The day on which a picture was taken: not in the future.
import { field } from "../../page/field.ts";
import { make } from "../../page/make.ts";
import { t } from "../../words/words.ts";
import { dayOf } from "../reminder/due.ts";

/** @param written called with each day that can be, as 2026-03-01 */
export function dateField(day: string, written: (day: string) => void): HTMLElement {
  const today = dayOf(new Date());
  const input = make("input", { type: "date", id: "taken", value: day, required: true, min: "1900-01-01", max: today });
  input.addEventListener("input", () => {
    input.setCustomValidity(input.value > today ? t("case.taken_future") : "");
    if (input.value && input.value <= today) written(input.value);
  });
  return field(t("case.taken"), input, t("case.taken_hint"));
}
