// Two pictures of one lesion side by side, and what has changed between their answers.
import { className, isRefused, verdictName } from "../answer/naming";
import { chosenPoint } from "../answer/operating_point";
import { frame } from "../answer/picture";
import { make } from "../page/make";
import { addView } from "../page/views";
import { moment, percent, points } from "../words/numbers";
import { type Key, t } from "../words/words";
import { type Case, studentOf, type Visit } from "./case";
import { readCase } from "./store";
import { wipe } from "./wipe";

export function addCompareView(): void {
  addView("compare", (stage, id) => {
    void readCase(id).then((entry) => {
      if (entry && entry.visits.length > 1) drawComparison(stage, entry);
      else stage.append(make("p", { textContent: t("case.gone") }));
    });
  });
}

function drawComparison(stage: HTMLElement, { id, patient, visits }: Case): void {
  const pair = { first: visits[0]!, second: visits.at(-1)! };
  const place = make("div", { className: "comparison" });
  const draw = (): void => place.replaceChildren(...sideBySide(visits, pair, draw));
  draw();
  stage.append(
    make("a", { href: `#case/${id}`, className: "back", textContent: `← ${patient || t("cases.unlabelled")}` }),
    make("h1", { textContent: t("compare.title") }),
    place,
  );
}

type Pair = Record<"first" | "second", Visit>;

function sideBySide(visits: Visit[], pair: Pair, changed: () => void): HTMLElement[] {
  const sides = (["first", "second"] as const).map((side) => {
    const visit = pair[side];
    const list = make(
      "select",
      { id: side },
      ...visits.map((other) => make("option", { value: other.id, textContent: moment(other.date), selected: other === visit })),
    );
    list.addEventListener("change", () => {
      pair[side] = visits.find((other) => other.id === list.value)!;
      changed();
      document.getElementById(side)!.focus();
    });
    return make(
      "section",
      { className: "side-picture" },
      make("label", { htmlFor: side, textContent: t(`compare.${side}`) }),
      list,
      frame(visit.picture, null),
      make("p", {}, make("strong", { textContent: verdictName(visit.answer) })),
    );
  });
  return [
    make("div", { className: "sides" }, ...sides),
    make("p", { className: "compare-words", id: "compare-words", textContent: t(judged(pair)), attributes: { role: "status" } }),
    wipe(pair.first.picture, pair.second.picture),
    changes(pair),
  ];
}

function judged({ first, second }: Pair): Key {
  if (isRefused(first.answer) || isRefused(second.answer)) return "compare.refused";
  const threshold = chosenPoint(studentOf(second))?.threshold ?? 0.5;
  const [before, after] = [first, second].map(({ answer }) => answer.malignant_probability >= threshold);
  if (before === after) return after ? "compare.stays_above" : "compare.stays_below";
  return after ? "compare.crossed_up" : "compare.crossed_down";
}

/** Every probability then and now. */
function changes({ first, second }: Pair): HTMLElement {
  const row = (name: string, before: number, after: number): HTMLElement =>
    make(
      "tr",
      {},
      make("th", { scope: "row", textContent: name }),
      make("td", { textContent: percent(before) }),
      make("td", { textContent: percent(after) }),
      make("td", { className: "change", textContent: points(after - before) }),
    );
  const head = (["compare.kind", "compare.first", "compare.second", "compare.change"] as const).map((key) =>
    make("th", { scope: "col", textContent: t(key) }),
  );
  const [then, now] = [first.answer, second.answer];
  return make(
    "table",
    { className: "changes" },
    make("thead", {}, make("tr", {}, ...head)),
    make(
      "tbody",
      {},
      row(t("malignant.title"), then.malignant_probability, now.malignant_probability),
      ...second.student.classes.map((entry) =>
        row(className(entry), then.probabilities[entry.code] ?? 0, now.probabilities[entry.code] ?? 0),
      ),
    ),
  );
}
