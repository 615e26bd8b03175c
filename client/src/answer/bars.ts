import type { Answer, ClassSpec } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { percent } from "../words/numbers.ts";
import { className, riskTag } from "./naming.ts";
import { track } from "./track.ts";

/** All classes with their probabilities, most probable first. */
export function bars(answer: Answer, classes: ClassSpec[]): HTMLElement {
  return make("ol", { className: "bars" }, ...byProbability(answer, classes).map((entry) => bar(entry, answer)));
}

export function byProbability(answer: Answer, classes: ClassSpec[]): ClassSpec[] {
  return [...classes].sort((a, b) => answer.probabilities[b.code]! - answer.probabilities[a.code]!);
}

function bar(entry: ClassSpec, answer: Answer): HTMLElement {
  const p = answer.probabilities[entry.code]!;
  const fill = track(p);
  fill.dataset["risk"] = entry.risk;
  return make(
    "li",
    { className: entry.code === answer.diagnosis ? "chosen" : "" },
    make("span", { className: "bar-name", textContent: className(entry) }),
    riskTag(entry.risk),
    make("span", { className: "bar-value", textContent: percent(p) }),
    fill,
  );
}
