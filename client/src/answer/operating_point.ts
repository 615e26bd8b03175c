// From which malignancy probability on the page says "show it to a doctor": the person's choice among the bundle's.
import type { OperatingPoint, Student } from "../engine/index.ts";
import { remembered } from "../page/remembered.ts";

const chosen = remembered("sensitivity", "0.95");

/**
 * The points that can be chosen, least sensitive first; empty when the bundle has none. The cautious threshold, where
 * there is one: a clinic relies on the sensitivity that it chose (docs/decisions/0006-a-cautious-threshold.md).
 */
export function operatingPoints(student: Student): OperatingPoint[] {
  return student.operating_points
    .filter(({ target }) => target === "malignant")
    .map((point) => ({ ...point, ...point.cautious }))
    .sort((a, b) => a.sensitivity - b.sensitivity);
}

/** The chosen point, or the bundle's nearest to it. */
export function chosenPoint(student: Student): OperatingPoint | null {
  const wanted = Number(chosen.value);
  const distance = ({ sensitivity }: OperatingPoint): number => Math.abs(sensitivity - wanted);
  return [...operatingPoints(student)].sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

export function choosePoint(point: OperatingPoint): void {
  chosen.value = String(point.sensitivity);
}
