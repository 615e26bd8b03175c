// The head of an answer: the alarm where there is one, the kind, and what that is.
import type { Answer, Student } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { t } from "../words/words.ts";
import { riskTag, verdictMeaning, verdictName } from "./naming.ts";
import { isAbove } from "./suspicion.ts";

export interface Verdict {
  element: HTMLElement;
  /** Say it again, after another sensitivity was chosen. */
  draw: () => void;
}

export function verdict(answer: Answer, student: Student): Verdict {
  // It stays in the page, so that a screen reader speaks what the choice of a sensitivity makes of it.
  const alarm = make("p", { id: "alarm", className: "alarm", attributes: { role: "status" } });
  const plain = make("p", { className: "plain" });
  const draw = (): void => {
    const above = isAbove(answer, student);
    alarm.hidden = !above;
    alarm.textContent = above ? t("verdict.alarm") : "";
    const tag = riskTag(above && answer.risk === "benign" ? "suspicious" : answer.risk);
    plain.replaceChildren(tag, ` ${verdictMeaning(answer, above)}`);
  };
  draw();
  const name = make("h1", {
    id: "verdict",
    tabIndex: -1,
    textContent: verdictName(answer),
    attributes: { "aria-describedby": "alarm" },
  });
  const over = make("p", { className: "over", textContent: t("verdict.over") });
  return { element: make("header", { className: "verdict" }, alarm, over, name, plain), draw };
}
