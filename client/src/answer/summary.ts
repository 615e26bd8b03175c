// An answer in the few lines of a card.
import type { Answer, Student } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { percent } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { isRefused, verdictName } from "./naming.ts";
import { isAbove } from "./suspicion.ts";

export const cardLine = (textContent: string): HTMLElement => make("span", { className: "card-line", textContent });

export function summary(answer: Answer, student: Student): HTMLElement[] {
  if (isRefused(answer)) return [cardLine(t("strip.refused"))];
  const above = isAbove(answer, student);
  const risk = cardLine(t(above ? "strip.above" : "strip.below", { p: percent(answer.malignant_probability) }));
  risk.dataset["above"] = String(above);
  return [cardLine(verdictName(answer)), risk];
}
