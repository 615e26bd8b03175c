// What else it could be, and how often such a list held the true kind when that was measured.
import constants from "../constants.ts";
import type { Answer, ClassSpec, Student } from "../engine/index.ts";
import { allOf, anyOf, wholePercent } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { className, classMembers, markedName } from "./naming.ts";

const COVERAGE = constants.assessment.coverage;
// So much may be chance where a class has pictures enough (`enough` in bundle/verdicts.py); what lacks more is said.
const CHANCE = constants.conformal.measured_coverage_tolerance;

export interface Also {
  text: string;
  /** What was measured; empty when nothing was. */
  measured: string;
}

/** The conformal set in words; null when the bundle has none. */
export function couldAlsoBe(answer: Answer, student: Student): Also | null {
  const distance = (set: { coverage: number }): number => Math.abs(set.coverage - COVERAGE);
  const [set] = [...(answer.conformal ?? [])].sort((a, b) => distance(a) - distance(b));
  if (!set) return null;
  const { codes, coverage } = set;
  const others = student.classes
    .filter(({ code }) => code !== answer.diagnosis && codes.includes(code))
    .sort((a, b) => codes.indexOf(a.code) - codes.indexOf(b.code));
  const values = { others: anyOf(others.map(markedName)), name: className(answer) };
  const held = codes.includes(answer.diagnosis);
  const key = codes.length === 0 ? "also.none" : !held ? "also.rather" : others.length ? "also.others" : "also.only";
  return {
    text: t(key, values),
    measured: codes.length === 0 ? "" : measured(answer.diagnosis, coverage, student),
  };
}

/** The share of the answered kind, and of every dangerous one that such lists miss more often than was promised. */
function measured(diagnosis: string, coverage: number, { classes, conformal }: Student): string {
  const shares = conformal?.levels.find((level) => level.coverage === coverage)?.measured_coverage;
  if (!shares) return "";
  const known = classes.filter(({ code }) => shares[code] !== undefined);
  const isShort = ({ code }: ClassSpec): boolean => shares[code]! < coverage - CHANCE;
  const told = known.filter((entry) => entry.code === diagnosis || (entry.risk !== "benign" && isShort(entry)));
  const spoken = (entries: ClassSpec[]): string =>
    allOf(entries.map((entry) => t("also.share", { share: wholePercent(shares[entry.code]!), kinds: classMembers(entry) })));
  const short = told.filter(isShort);
  const values = { held: spoken(told.filter((entry) => !isShort(entry))), short: spoken(short) };
  if (told.length === 0) return "";
  if (short.length === 0) return t("also.held", values);
  return t(short.length === told.length ? "also.short" : "also.held_short", values);
}
