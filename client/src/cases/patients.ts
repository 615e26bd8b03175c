// Patients, from the cases that belong to each; knows no page.
import { type Case, patientId, readVisit } from "./case.ts";
import { byUrgency } from "../assessment/told.ts";
import type { Assessment } from "../assessment/assess.ts";

export interface Patient {
  id: string;
  /** "" where none was given. */
  label: string;
  /** Lesions, in the order in which they were given. */
  cases: Case[];
}

/** In the order in which their first cases come. */
export function patientsOf(cases: Case[]): Patient[] {
  const patients = new Map<string, Patient>();
  for (const entry of cases) {
    const id = patientId(entry);
    const patient = patients.get(id) ?? { id, label: entry.patient, cases: [] };
    patients.set(id, patient);
    patient.cases.push(entry);
  }
  return [...patients.values()];
}

/** The most pressing assessment of all pictures: a later one that looks better takes nothing back. */
export function worstOf(cases: Case[]): Assessment | null {
  const told = cases.flatMap(({ visits }) => visits.map((visit) => readVisit(visit).told));
  return told.sort(byUrgency)[0] ?? null;
}

export const lastDate = ({ created, visits }: Case): string => visits.at(-1)?.date ?? created;
