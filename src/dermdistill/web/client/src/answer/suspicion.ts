// When the page says that a doctor should see the spot.
import type { Answer, Student } from "../engine";
import { isRefused } from "./naming";
import { chosenPoint } from "./operating_point";

/** Whether the malignancy probability reaches the threshold of the chosen sensitivity. */
export function isAbove(answer: Answer, student: Student): boolean {
  return answer.malignant_probability >= (chosenPoint(student)?.threshold ?? 0.5);
}

/** No sensitivity is so low that a malignant or precursor answer needs no doctor. */
export function needsDoctor(answer: Answer, student: Student): boolean {
  return !isRefused(answer) && (answer.risk !== "benign" || isAbove(answer, student));
}
