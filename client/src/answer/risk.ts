// The probability of a malignant or precursor lesion against the threshold that it was decided by.
import { thresholdsAt } from "../assessment/operating_point.ts";
import type { Reading } from "../assessment/told.ts";
import { make } from "../page/make.ts";
import { apart, percent } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { track } from "./track.ts";

/** The number, the bar with its mark, and in words on which side of the mark it is. */
export function risk({ answer, student, told }: Reading): HTMLElement[] {
  const p = answer.malignant_probability;
  const limit = told.sensitivity === null ? null : (thresholdsAt(student, told.sensitivity)?.malignant ?? null);
  const [written, threshold] = limit === null ? [percent(p), ""] : apart(p, limit);
  const bar = track(p, limit);
  bar.dataset["danger"] = String(told.level === "see_doctor");
  const title = make(
    "p",
    { className: "malignant-title" },
    make("span", { textContent: t("malignant.title") }),
    make("strong", { className: "malignant-value", textContent: written }),
  );
  if (limit === null) return [title, bar];
  const side = t(p >= limit ? "malignant.above" : "malignant.below", { threshold });
  return [title, bar, make("p", { className: "side fine", textContent: side })];
}
