// Many pictures as a table: how many are answered, which need a doctor; what presses most comes first, failed ones last.
import { image } from "../answer/picture/frame.ts";
import { kindNames, levelMark } from "../answer/summary.ts";
import { byUrgency, isAlarm } from "../assessment/told.ts";
import type { Student } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { explained } from "../page/notices.ts";
import { percent } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { type Picture, readingOf } from "./pictures.ts";

export interface Table {
  element: HTMLElement;
  /** Write what is known by now. Rows stay the same elements, so that none loses the focus or loads its picture again. */
  draw(student: Student): void;
}

/** Pictures as the table has them: alarms first, then by probability; then those that wait; failed ones last. */
export function sorted(pictures: readonly Picture[], student: Student): Picture[] {
  const group = ({ answer, error }: Picture): number => (answer ? 0 : error === null ? 1 : 2);
  return [...pictures].sort((a, b) => {
    const [first, second] = [readingOf(a, student), readingOf(b, student)];
    if (!first || !second) return group(a) - group(b);
    return byUrgency(first.told, second.told) || second.answer.malignant_probability - first.answer.malignant_probability;
  });
}

/** "12 of 40 answered, 5 need a doctor". */
export function progressText(pictures: readonly Picture[], student: Student): string {
  const told = pictures.flatMap((picture) => readingOf(picture, student)?.told ?? []);
  const failed = pictures.filter(({ error }) => error !== null).length;
  return [
    t("many.answered", { done: told.length, n: pictures.length }),
    t("many.doctor", { n: told.filter(isAlarm).length }),
    t("many.unclear", { n: told.filter(({ level }) => level === "unclear").length }),
    ...(failed ? [t("many.failed", { n: failed })] : []),
  ].join(" · ");
}

/** @param open called with a picture that is chosen */
export function pictureTable(pictures: readonly Picture[], open: (picture: Picture) => void): Table {
  const count = make("p", { id: "progress", className: "many-count", attributes: { role: "status" } });
  const bar = make("progress", { max: pictures.length, value: 0, attributes: { "aria-labelledby": "progress" } });
  const body = make("tbody");
  const rows = new Map(pictures.map((picture) => [picture, rowOf(picture, () => open(picture))]));
  const head = (["many.picture", "many.told", "many.kinds", "malignant.title"] as const).map((key) =>
    make("th", { scope: "col", textContent: t(key) }),
  );
  const table = make("table", { className: "many", id: "many" }, make("thead", {}, make("tr", {}, ...head)), body);
  return {
    element: make("section", { className: "many-all" }, count, bar, table),
    draw(student) {
      count.textContent = progressText(pictures, student);
      bar.value = pictures.filter(({ answer, error }) => answer || error !== null).length;
      const focused = document.activeElement;
      for (const picture of sorted(pictures, student)) {
        const row = rows.get(picture)!;
        row.draw(student);
        body.append(row.element);
      }
      if (focused instanceof HTMLElement && body.contains(focused)) focused.focus();
    },
  };
}

function rowOf(picture: Picture, open: () => void): Table {
  const saved = make("span", { className: "row-saved fine", textContent: `✓ ${t("many.is_saved")}`, hidden: true });
  const name = make(
    "button",
    { type: "button", className: "row-open", onclick: open },
    image(picture.shown, "", "lazy"),
    make("span", { className: "row-name" }, picture.name, saved),
  );
  const [level, kinds, number] = [
    make("td"),
    make("td", { className: "kinds-cell" }),
    make("td", { className: "number" }),
  ];
  return {
    element: make("tr", {}, make("th", { scope: "row" }, name), level, kinds, number),
    draw(student) {
      saved.hidden = !picture.saved;
      const reading = readingOf(picture, student);
      if (!reading) {
        level.textContent = picture.error === null ? t("many.waiting") : explained(picture.error);
        kinds.textContent = number.textContent = "";
        return;
      }
      level.replaceChildren(levelMark(reading.told.level));
      kinds.textContent = kindNames(reading);
      number.textContent = reading.told.level === "cannot_judge" ? "" : percent(reading.answer.malignant_probability);
    },
  };
}
