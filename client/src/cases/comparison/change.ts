// What has changed between two pictures of one lesion; knows no page.
import { isRefused } from "../../answer/naming.ts";
import { isAbove } from "../../answer/suspicion.ts";
import type { Key } from "../../words/words.ts";
import { studentOf, type Visit } from "../case.ts";

export const SIDES = ["first", "second"] as const;
export type Pair = Record<(typeof SIDES)[number], Visit>;

/** Earliest first, whatever order they were kept or chosen in. */
export const inOrder = (visits: Visit[]): Visit[] => [...visits].sort((a, b) => Date.parse(a.date) - Date.parse(b.date));

/** What to say of it, both answers read against the later one's threshold. */
export function judged({ first, second }: Pair): Key {
  if (isRefused(first.answer) || isRefused(second.answer)) return "compare.refused";
  const [before, after] = [first, second].map(({ answer }) => isAbove(answer, studentOf(second)));
  if (!after && [first, second].some(({ answer }) => answer.risk !== "benign")) return "compare.dangerous";
  if (before === after) return after ? "compare.stays_above" : "compare.stays_below";
  return after ? "compare.crossed_up" : "compare.crossed_down";
}
