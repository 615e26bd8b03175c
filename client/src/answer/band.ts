// The head of an answer: what to do, first and largest; its colour says the level, its icon says it without colour.
import type { Level } from "../assessment/assess.ts";
import { missedMelanomas } from "../assessment/operating_point.ts";
import type { Reading } from "../assessment/told.ts";
import { make } from "../page/make.ts";
import { allOf, percent } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { markedName, namedClasses } from "./naming.ts";

const SVG = "http://www.w3.org/2000/svg";
/** Outlines in a square of 24: a warning, a question, a camera that is crossed out, an eye. */
const ICONS: Record<Level, string> = {
  see_doctor: "M12 3 22.5 21H1.5ZM12 9.5v5.5M12 18v.2",
  unclear: "M12 2.5a9.5 9.5 0 1 1 0 19 9.5 9.5 0 0 1 0-19ZM9 9.5a3 3 0 1 1 4.2 2.7c-.9.5-1.2 1-1.2 2M12 17.3v.2",
  cannot_judge: "M3 7h4l2-3h6l2 3h4v13H3ZM8 10l8 7M16 10l-8 7",
  no_sign: "M1.5 12C5 6 9 4.5 12 4.5S19 6 22.5 12C19 18 15 19.5 12 19.5S5 18 1.5 12ZM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6Z",
};

/** The space of "88.0 %": no line ends there. */
const BEFORE_SIGN = / (?=[%٪])/g;

export function levelIcon(level: Level): SVGSVGElement {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.classList.add("level-icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[level]);
  icon.append(path);
  return icon;
}

/** The band. One a page has the heading that goes with the id `verdict`. */
export function band(reading: Reading, heading: "h1" | "p" = "h1"): HTMLElement {
  const { level } = reading.told;
  const title = make(heading, { className: "band-title", textContent: t(`told.${level}`) });
  if (heading === "h1") Object.assign(title, { id: "verdict", tabIndex: -1 });
  return filled(level, title, ...why(reading).map((text) => make("p", { textContent: text.replace(BEFORE_SIGN, "\u00a0") })));
}

/** The band of what a camera sees at this moment: nothing has been photographed yet that could be watched. */
export function shortBand({ told: { level } }: Reading): HTMLElement {
  return filled(level, make("p", { className: "band-title", textContent: liveTitle(level) }));
}

export const liveTitle = (level: Level): string => t(level === "see_doctor" ? "told.see_doctor" : `short.${level}`);

function filled(level: Level, ...words: HTMLElement[]): HTMLElement {
  const made = make("header", { className: "band" }, levelIcon(level), make("div", { className: "band-words" }, ...words));
  made.dataset["level"] = level;
  return made;
}

/** Why, in a sentence or two: what was found, and what it does not undo. */
export function why({ answer, student, told }: Reading): string[] {
  const has = (reason: (typeof told.reasons)[number]): boolean => told.reasons.includes(reason);
  const names = allOf(namedClasses(told.classes, student.classes).map(markedName));
  switch (told.level) {
    case "see_doctor":
      return [
        t("why.alarm", { p: percent(answer.malignant_probability) }),
        ...(has("unlike_known_lesions") ? [t("why.alarm_unlike")] : []),
        ...(has("poor_picture") ? [t("why.alarm_poor")] : []),
      ];
    case "unclear":
      return [
        ...(has("classes_differ") ? [t("why.differ", { names })] : []),
        ...(has("no_class_fits") ? [t("why.none_fits")] : []),
        ...(has("danger_not_excluded") ? [t("why.not_excluded")] : []),
      ];
    case "cannot_judge":
      return [t(has("unlike_known_lesions") ? "why.unlike" : "why.poor")];
    case "no_sign":
      return [`${t("why.no_sign")} ${wrongIn({ student, told })}`];
  }
}

/** In how many melanomas "no sign" is wrong: measured, with its interval, which is rounded outwards. */
export function wrongIn({ student, told }: Pick<Reading, "student" | "told">): string {
  const missed = missedMelanomas(student, told.sensitivity);
  if (missed === null) return t("missed.unmeasured");
  const values = { n: missed.n_lesions, low: Math.floor(missed.low), high: Math.ceil(missed.high), per: Math.max(1, Math.round(missed.per_100)) };
  return t(missed.missed === 0 ? "missed.none" : "missed.some", values);
}
