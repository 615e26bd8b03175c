// What an answer was decided at, and what it cannot know: parts of every answer.
import { chosenSensitivity, USUAL } from "../assessment/operating_point.ts";
import type { Reading } from "../assessment/told.ts";
import { make } from "../page/make.ts";
import { wholePercent } from "../words/numbers.ts";
import { t } from "../words/words.ts";

/** The sensitivity, in words; "" where there is none. */
export const stampText = ({ told: { sensitivity } }: Reading): string =>
  sensitivity === null ? "" : t("stamp.at", { sensitivity: wholePercent(sensitivity) });

/** What must be known of the sensitivity: that it is low, or that an alarm was told at another one. */
export function stampWarning({ student, told }: Reading): string {
  const now = chosenSensitivity(student);
  if (told.sensitivity === null || now === null) return "";
  const values = { sensitivity: wholePercent(told.sensitivity), now: wholePercent(now), usual: wholePercent(USUAL) };
  if (told.level === "see_doctor" && told.sensitivity > now) return t("stamp.stands", values);
  return told.sensitivity < USUAL ? t("stamp.low", values) : "";
}

export const LIMITS = ["limits.skin", "limits.picture", "limits.diagnosis"] as const;

export function limits(reading: Reading): HTMLElement {
  const warning = stampWarning(reading);
  return make(
    "section",
    { className: "limits" },
    warning ? make("p", { id: "stamp-warning", className: "caution", textContent: warning }) : null,
    make("h2", { textContent: t("limits.title") }),
    make("ul", { id: "limits" }, ...LIMITS.map((key) => make("li", { textContent: t(key) }))),
    make("p", { className: "fine", id: "stamp", textContent: stampText(reading) }),
  );
}
