// An answer in the few lines of a card or a row.
import type { Level } from "../assessment/assess.ts";
import type { Reading } from "../assessment/told.ts";
import { make } from "../page/make.ts";
import { allOf } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { levelIcon } from "./band.ts";
import { className, namedClasses } from "./naming.ts";

/** The level with its icon, as a mark. */
export function levelMark(level: Level): HTMLElement {
  const mark = make("span", { className: "level-mark" }, levelIcon(level), t(`short.${level}`));
  mark.dataset["level"] = level;
  return mark;
}

export const kindNames = ({ student, told }: Reading): string =>
  allOf(namedClasses(told.classes, student.classes).map(className));
