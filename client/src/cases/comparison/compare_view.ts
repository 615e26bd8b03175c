// Two pictures of one lesion side by side, and what has changed between their answers.
import { band } from "../../answer/band.ts";
import { className } from "../../answer/naming.ts";
import { frame } from "../../answer/picture/frame.ts";
import { zoomable } from "../../answer/picture/zoom.ts";
import { stampText, stampWarning } from "../../answer/stamp.ts";
import { kindNames, levelMark } from "../../answer/summary.ts";
import { backLink, make } from "../../page/make.ts";
import { complain } from "../../page/notices.ts";
import { addView } from "../../page/views.ts";
import { moments, percent, points } from "../../words/numbers.ts";
import { t } from "../../words/words.ts";
import { type Case, inOrder, readVisit, type Visit } from "../case.ts";
import { readCase } from "../store.ts";
import { mostPressing, type Pair, said, SIDES } from "./change.ts";
import { wipe } from "./wipe.ts";

export function addCompareView(): void {
  addView("compare", "compare.title", (stage, id) => {
    let left = false;
    readCase(id).then(
      (entry) => {
        if (entry && entry.visits.length > 1) drawComparison(stage, entry);
        else stage.append(make("p", { textContent: t("case.gone") }));
      },
      () => left || complain(t("cases.unkept")),
    );
    return () => {
      left = true;
      complain("");
    };
  });
}

function drawComparison(stage: HTMLElement, { id, patient, visits: kept }: Case): void {
  const visits = inOrder(kept);
  const place = make("div", { className: "comparison" });
  const draw = (pair: Pair): void => place.replaceChildren(...sideBySide(visits, pair, draw));
  draw({ first: visits[0]!, second: visits.at(-1)! });
  stage.append(
    backLink(`#case/${id}`, patient || t("cases.unlabelled")),
    make("h1", { textContent: t("compare.title") }),
    place,
  );
}

function sideBySide(visits: Visit[], pair: Pair, draw: (pair: Pair) => void): HTMLElement[] {
  const dates = moments(visits.map(({ date }) => date));
  const over = wipe(pair.first.picture, pair.second.picture);
  const frames = SIDES.map((side) => frame(pair[side].picture));
  const sides = SIDES.map((side, place) => {
    const visit = pair[side];
    const date = dates[visits.indexOf(visit)]!;
    const list = make(
      "select",
      { id: side },
      ...visits.map((other, i) => make("option", { value: other.id, textContent: dates[i]!, selected: other === visit })),
    );
    list.addEventListener("change", () => {
      const chosen = visits.find((other) => other.id === list.value)!;
      const [first, second] = inOrder(Object.values({ ...pair, [side]: chosen })) as [Visit, Visit];
      draw({ first, second });
      document.getElementById(second === chosen ? "second" : "first")!.focus();
    });
    return make(
      "section",
      { className: "side-picture" },
      make("label", { htmlFor: side, textContent: t(`compare.${side}`) }),
      list,
      frames[place]!,
      make("p", { className: "fine", textContent: date }),
      levelMark(readVisit(visit).told.level),
      make("p", {}, make("strong", { textContent: kindNames(readVisit(visit)) })),
      make("p", { className: "fine stamp", textContent: stampWarning(readVisit(visit)) || stampText(readVisit(visit)) }),
    );
  });
  return [
    band(mostPressing(pair), "p"),
    make("p", { className: "compare-words", id: "compare-words", textContent: t(said(pair)), attributes: { role: "status" } }),
    make("div", { className: "sides" }, ...sides),
    // What is enlarged in one is enlarged in all, at the same place.
    make("div", { className: "tools", attributes: { role: "group", "aria-label": t("compare.zoom") } }, ...zoomable(frames, [over.box])),
    ...otherModel(pair),
    over.element,
    changes(pair),
  ];
}

/** Numbers of two models differ for the same picture, too. */
function otherModel({ first, second }: Pair): HTMLElement[] {
  const [then, now] = [first, second].map(({ answer: { bundle } }) => `${bundle.name} ${bundle.version}`);
  if (then === now) return [];
  const text = t("compare.models", { first: then!, second: now! });
  return [make("p", { id: "compare-models", className: "caution", textContent: text })];
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
