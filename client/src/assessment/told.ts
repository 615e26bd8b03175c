// What the page tells of an answer: assessed at the chosen sensitivity, and never less than was told before.
import constants from "../constants.ts";
import type { Answer, Student } from "../engine/index.ts";
import { assess, type Assessment, type Finding } from "./assess.ts";
import { chosenSensitivity, thresholdsAt, USUAL } from "./operating_point.ts";

const COVERAGE = constants.assessment.coverage;

/** What an assessment needs of a student; kept with a saved picture, since a later student may differ. */
export type Assessor = Pick<Student, "classes" | "operating_points"> & { melanoma?: string | null };

/** The numbers of an answer that it is assessed by. */
type Numbers = Pick<Answer, "probabilities" | "diagnosis" | "conformal" | "out_of_distribution" | "quality">;

/** An answer with who gave it, and what is told of it. */
export interface Reading {
  answer: Answer;
  student: Student;
  told: Assessment;
}

/** As in inference/finding.py. */
export function findingOf(answer: Numbers, { classes, melanoma = null }: Assessor): Finding {
  const distance = (set: { coverage: number }): number => Math.abs(set.coverage - COVERAGE);
  const [set] = [...(answer.conformal ?? [])].sort((a, b) => distance(a) - distance(b));
  return {
    probs: Object.fromEntries(classes.map(({ code }) => [code, answer.probabilities[code]!])),
    decided: answer.diagnosis,
    dangerous: classes.filter(({ risk }) => risk !== "benign").map(({ code }) => code),
    melanoma,
    conformal: set?.codes ?? null,
    unlike_known_lesions: answer.out_of_distribution?.refused ?? null,
    quality: answer.quality.map(({ code }) => code),
  };
}

export function assessedAt(answer: Numbers, student: Assessor, sensitivity: number): Assessment {
  return assess(findingOf(answer, student), thresholdsAt(student, sensitivity));
}

/**
 * What is told of an answer now. An alarm that was told before stands, with the sensitivity that it was told at,
 * whatever has been chosen since. What was kept without an assessment counts as told at the usual sensitivity.
 * @param before what was told of it before; null when it was never shown
 */
export function told(answer: Numbers, student: Assessor, before?: Assessment | null): Assessment {
  const now = assessedAt(answer, student, chosenSensitivity(student) ?? USUAL);
  const then = before === undefined ? assessedAt(answer, student, USUAL) : before;
  return then?.level === "see_doctor" && now.level !== "see_doctor" ? then : now;
}

export const isAlarm = ({ level }: Pick<Assessment, "level">): boolean => level === "see_doctor";

const URGENCY: Assessment["level"][] = ["see_doctor", "unclear", "cannot_judge", "no_sign"];

/** Sorts what presses most to the front. */
export const byUrgency = (a: Assessment, b: Assessment): number => URGENCY.indexOf(a.level) - URGENCY.indexOf(b.level);
