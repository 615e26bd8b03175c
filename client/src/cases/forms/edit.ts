// Change what was said of a case, of a patient, and of the day of a picture.
import { ask } from "../../page/dialog.ts";
import { draft } from "../../page/draft.ts";
import { make } from "../../page/make.ts";
import { t } from "../../words/words.ts";
import { type Case, inOrder, newId, patientId, type Visit } from "../case.ts";
import { type Patient, patientsOf } from "../patients.ts";
import { dayOf, onDay } from "../reminder/due.ts";
import { allCases, keepCase, keepCases, readCase } from "../store.ts";
import { dateField } from "./date_field.ts";
import { patientField, type Which } from "./which.ts";
import { labelField, notesField, siteField } from "./words.ts";

type Words = Which & Pick<Case, "site" | "notes">;

/** Ask for the words of a case, and whose it is; returns whether it was kept. */
export async function editCase(entry: Case): Promise<boolean> {
  const patients = patientsOf(await allCases());
  const written = draft<Words>(`edit.${entry.id}`);
  const again = written.before !== null;
  const words: Words = written.before ?? { patient: patientId(entry), case: entry.id, label: "", site: entry.site, notes: entry.notes };
  const keep = (): void => written.keep(words);
  const parts = [
    again && make("p", { className: "again fine", textContent: t("unsaved.text") }),
    patientField(patients, words, keep),
    siteField(words, keep),
    notesField(words, keep),
  ];
  const accepted = await ask(t("case.edit"), parts, t("save.save"), { typed: again });
  if (accepted) {
    const now = (await readCase(entry.id)) ?? entry;
    const of = patients.find(({ id }) => id === words.patient);
    await keepCase({ ...now, patient_id: of?.id ?? newId(), patient: of?.label ?? words.label, site: words.site, notes: words.notes });
  }
  written.forget();
  return accepted;
}

/** Ask for another label of a patient, in all cases of this patient; returns whether it was kept. */
export async function renamePatient({ id, label }: Patient): Promise<boolean> {
  let next = label;
  if (!(await ask(t("patient.rename"), [labelField(label, (text) => (next = text))], t("save.save")))) return false;
  const cases = (await allCases()).filter((entry) => patientId(entry) === id);
  await keepCases(cases.map((entry) => ({ ...entry, patient_id: id, patient: next })));
  return true;
}

/** Ask for another day of a picture; returns whether it was kept. */
export async function editDate(entry: Case, visit: Visit): Promise<boolean> {
  let next = dayOf(new Date(visit.date));
  if (!(await ask(t("case.change"), [dateField(next, (day) => (next = day))], t("save.save")))) return false;
  const now = (await readCase(entry.id)) ?? entry;
  const visits = now.visits.map((other) => (other.id === visit.id ? { ...other, date: onDay(other.date, next) } : other));
  await keepCase({ ...now, visits: inOrder(visits) });
  return true;
}
