// A case: one lesion of one patient, with the pictures taken of it. What the browser keeps and the export holds.
// The cases that share a patient's id are the lesions of that patient.
import type { Assessment } from "../assessment/assess.ts";
import { isAlarm, type Reading, told } from "../assessment/told.ts";
import type { Answer, Student } from "../engine/index.ts";

/** One picture with its answer, as it was given then. */
export interface Visit {
  id: string;
  /** ISO 8601. */
  date: string;
  picture: Blob;
  answer: Answer;
  /** What the answer was read against; a later student may have others. */
  student: Pick<Student, "classes" | "operating_points" | "conformal" | "melanoma">;
  /** What was told of it when it was saved; absent from pictures that were saved before it was kept. */
  told?: Assessment;
  /** When it came from a file and differed from the one that was here; both are kept. ISO 8601. */
  imported?: string;
}

export interface Case {
  id: string;
  /** Absent from cases that were saved before there were patients: see `patientId`. */
  patient_id?: string;
  /** The patient's label; the same in all cases of a patient. */
  patient: string;
  /** A region of the body map, or "" where it was not stated. */
  site: string;
  notes: string;
  created: string;
  /** The day to look at the lesion again, as 2026-03-01; absent without a reminder. */
  reminder?: string;
  /** Earliest first. */
  visits: Visit[];
}

/** @param picture without what its file said of place and device (metadata/stripped.ts) */
export function newVisit(picture: Blob, { answer, student, told: assessment }: Reading, date = new Date().toISOString()): Visit {
  const { classes, operating_points, conformal = null, melanoma = null } = student;
  return {
    id: newId(),
    date,
    picture,
    answer,
    student: { classes, operating_points, conformal, melanoma },
    told: assessment,
  };
}

/** A name that no other case has; also where the page was not opened by https. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whose lesion it is. Of old cases those with the same label belong together, and one without stands alone. */
export const patientId = ({ id, patient_id, patient }: Pick<Case, "id" | "patient_id" | "patient">): string =>
  patient_id ?? (patient ? `label:${patient}` : id);

/** Pictures in the order in which they were taken. */
export const inOrder = (visits: Visit[]): Visit[] => [...visits].sort((a, b) => Date.parse(a.date) - Date.parse(b.date));

/** A visit as the parts of the page that draw an answer take it. */
export function readVisit({ answer, student, told: before }: Visit): Reading {
  return { answer, student: { ...answer.bundle, ...student, metrics: null }, told: told(answer, student, before) };
}

/** Whether another picture of the lesion raised an alarm, and this one none: that alarm stands. */
export function otherAlarm({ visits }: Case, visit: Visit): boolean {
  return !isAlarm(readVisit(visit).told) && visits.some((other) => isAlarm(readVisit(other).told));
}
