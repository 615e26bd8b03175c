// When the page says that a doctor should see the spot.
import type { Answer, Student } from "../engine/index.ts";
import { couldAlsoBe } from "./also.ts";
import { isRefused } from "./naming.ts";
import { chosenPoint } from "./operating_point.ts";

/** Whether the malignancy probability reaches the threshold of the chosen sensitivity. */
export function isAbove(answer: Answer, student: Student): boolean {
  return answer.malignant_probability >= (chosenPoint(student)?.threshold ?? 0.5);
}

/** No sensitivity is so low that a malignant or precursor answer, or one that could also be, needs no doctor. */
export function needsDoctor(answer: Answer, student: Student): boolean {
  if (isRefused(answer)) return false;
  return answer.risk !== "benign" || isAbove(answer, student) || couldAlsoBe(answer, student)?.dangerous === true;
}
