// Save a picture with its answer, to a new case or to one that there is.
import type { Reading } from "../../assessment/told.ts";
import { stripped } from "../../metadata/stripped.ts";
import { ask } from "../../page/dialog.ts";
import { draft } from "../../page/draft.ts";
import { make } from "../../page/make.ts";
import { t } from "../../words/words.ts";
import { type Case, inOrder, newId, newVisit, type Visit } from "../case.ts";
import { type Meant, meantFor } from "../meant.ts";
import { type Patient, patientsOf } from "../patients.ts";
import { dayOf, onDay, pastDay } from "../reminder/due.ts";
import { allCases, keepCase, readCase } from "../store.ts";
import { dateField } from "./date_field.ts";
import { patientField, spotField, type Which } from "./which.ts";
import { notesField, siteField } from "./words.ts";

type Words = Which & Pick<Case, "site" | "notes"> & { day: string };

/**
 * @param name of the draft of what is typed here: of this picture alone, so that it is never offered for another
 * @param meant the case or patient that the picture was taken for
 * @returns the case's id, or null when nothing was saved
 */
export async function saveVisit(shown: Blob, reading: Reading, name: string, meant: Meant): Promise<string | null> {
  const patients = patientsOf(await allCases());
  const { picture, clean, taken } = await stripped(shown);
  const written = draft<Words>(`save.${name}`);
  const whose = meantFor(meant, patients);
  const words: Words = written.before ?? { ...whose, label: "", site: "", notes: "", day: pastDay(taken) };
  const again = written.before !== null;
  if (!(await ask(t("save.title"), [again && tellAgain(), ...fields(patients, words, () => written.keep(words)), tellOfFile(clean)], t("save.save"), { typed: again }))) {
    written.forget();
    return null;
  }
  const now = new Date();
  const date = words.day === dayOf(now) ? now.toISOString() : onDay(now.toISOString(), words.day);
  const id = await keep(newVisit(picture, reading, date), words);
  written.forget();
  return id;
}

const tellAgain = (): HTMLElement => make("p", { className: "again fine", textContent: t("unsaved.text") });

const tellOfFile = (clean: boolean): HTMLElement =>
  make("p", { id: "stripped", className: clean ? "fine" : "caution", textContent: t(clean ? "save.stripped" : "save.unclean") });

function fields(patients: Patient[], words: Words, written: () => void): HTMLElement[] {
  const spot = spotField(patients, words, () => changed());
  const whose = patientField(patients, words, () => {
    spot.follow();
    changed();
  });
  const fresh = make("div", { className: "fields" }, siteField(words, written), notesField(words, written));
  const show = (): void => {
    fresh.hidden = words.case !== ""; // of a case that there is, this is known
  };
  function changed(): void {
    show();
    written();
  }
  const date = dateField(words.day, (day) => {
    words.day = day;
    written();
  });
  show();
  return [whose, spot.element, date, fresh];
}

async function keep(visit: Visit, { patient, case: chosen, label, site, notes }: Words): Promise<string> {
  const old = chosen && (await readCase(chosen));
  if (old) {
    await keepCase({ ...old, visits: inOrder([...old.visits, visit]) });
    return old.id;
  }
  const of = patientsOf(await allCases()).find(({ id }) => id === patient);
  const entry: Case = {
    id: newId(),
    patient_id: of?.id ?? newId(),
    patient: of?.label ?? label,
    site,
    notes,
    created: new Date().toISOString(),
    visits: [visit],
  };
  await keepCase(entry);
  return entry.id;
}
