// What is told of two pictures of one lesion; knows no page.
import { byUrgency, type Reading } from "../../assessment/told.ts";
import type { Key } from "../../words/words.ts";
import { readVisit, type Visit } from "../case.ts";

export const SIDES = ["first", "second"] as const;
export type Pair = Record<(typeof SIDES)[number], Visit>;

/** The reading that presses most; of equal ones the later. */
export function mostPressing({ first, second }: Pair): Reading {
  const [before, after] = [readVisit(first), readVisit(second)];
  return byUrgency(before.told, after.told) < 0 ? before : after;
}

/** What to say beside it: an alarm stands whatever the other picture looks like, and looking for oneself goes on. */
export function said({ first, second }: Pair): Key {
  const levels = [first, second].map((visit) => readVisit(visit).told.level);
  const alarms = levels.filter((level) => level === "see_doctor").length;
  if (alarms === 1) return levels[0] === "see_doctor" ? "compare.alarm_first" : "compare.alarm_second";
  if (alarms === 2) return "compare.alarm_both";
  return levels.includes("cannot_judge") ? "compare.unjudged" : "compare.look";
}
