// The kinds that an answer names: both where decision and most probable class differ, the dangerous one first.
import type { Reading } from "../assessment/told.ts";
import { make } from "../page/make.ts";
import { percent } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { byProbability } from "./bars.ts";
import { className, classMeaning, namedClasses, riskTag } from "./naming.ts";
import { risk } from "./risk.ts";

export function kinds(reading: Reading): HTMLElement {
  const { answer, student, told } = reading;
  const named = namedClasses(told.classes, student.classes).map((entry) =>
    make(
      "li",
      {},
      make(
        "p",
        { className: "kind-line" },
        make("strong", { className: "kind-name", textContent: className(entry) }),
        riskTag(entry.risk),
        make("span", { className: "bar-value", textContent: percent(answer.probabilities[entry.code]!) }),
      ),
      make("p", { className: "fine", textContent: classMeaning(entry) }),
    ),
  );
  return make(
    "section",
    { className: "kinds" },
    make("h2", { textContent: t(named.length > 1 ? "kinds.two" : "kinds.one") }),
    make("ul", { id: "kinds" }, ...named),
    named.length > 1 && make("p", { className: "fine", id: "differ", textContent: differ(reading) }),
    make("div", { className: "malignant" }, ...risk(reading)),
  );
}

/** Why two kinds are named. */
function differ({ answer, student: { classes } }: Reading): string {
  const decided = classes.find(({ code }) => code === answer.diagnosis)!;
  return t("kinds.differ", { likeliest: className(byProbability(answer, classes)[0]!), name: className(decided) });
}
