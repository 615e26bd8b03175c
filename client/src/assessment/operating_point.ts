// At which sensitivity the page decides: a setting of this browser, among the bundle's operating points. As in
// inference/operating_point.py: the cautious thresholds, see docs/decisions/0006-a-cautious-threshold.md.
import constants from "../constants.ts";
import type { OperatingPoint, Student } from "../engine/index.ts";
import type { MissedMelanomas } from "../generated/predict_answer.ts";
import { remembered } from "../page/remembered.ts";
import type { Thresholds } from "./assess.ts";

export const USUAL = constants.assessment.sensitivity;
const chosen = remembered("sensitivity", String(USUAL));

type Points = Pick<Student, "operating_points">;

/** What the bundle's operating points were set for, least sensitive first; empty when it has none. */
export function sensitivities({ operating_points }: Points): number[] {
  return [...new Set(operating_points.map(({ sensitivity }) => sensitivity))].sort((a, b) => a - b);
}

/** The one that is set; where the bundle has no such one, its next more sensitive one, or its most sensitive. */
export function chosenSensitivity(student: Points): number | null {
  return nearest(student, Number(chosen.value));
}

export function chooseSensitivity(sensitivity: number): void {
  chosen.value = String(sensitivity);
}

/** The thresholds of a sensitivity, or of the bundle's next more sensitive one; null when it has none. */
export function thresholdsAt(student: Points, wanted: number): Thresholds | null {
  const sensitivity = nearest(student, wanted);
  if (sensitivity === null) return null;
  const limit = (target: OperatingPoint["target"]): number | null => {
    const point = student.operating_points.find((one) => one.sensitivity === sensitivity && one.target === target);
    return point ? (point.cautious ?? point).threshold : null;
  };
  return { sensitivity, malignant: limit("malignant"), melanoma: limit("melanoma") };
}

/** In how many of 100 melanomas "no sign" was wrong at a sensitivity; null where nobody measured. */
export function missedMelanomas({ operating_points }: Points, sensitivity: number | null): MissedMelanomas | null {
  const at = operating_points.filter((point) => point.sensitivity === sensitivity);
  return at.map((point) => point.missed_melanomas ?? null).find((measured) => measured !== null) ?? null;
}

function nearest(student: Points, wanted: number): number | null {
  const there = sensitivities(student);
  return there.find((sensitivity) => sensitivity >= wanted) ?? there.at(-1) ?? null;
}
