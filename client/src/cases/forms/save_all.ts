// Save many pictures: each to a case of its own, with its name as the note, or all to the case they were taken for.
import type { Reading } from "../../assessment/told.ts";
import { stripped } from "../../metadata/stripped.ts";
import { ask } from "../../page/dialog.ts";
import { field } from "../../page/field.ts";
import { make } from "../../page/make.ts";
import { t } from "../../words/words.ts";
import { type Case, inOrder, newId, newVisit, type Visit } from "../case.ts";
import { type Meant, meantCase, meantFor } from "../meant.ts";
import { caseName } from "../names.ts";
import { patientsOf } from "../patients.ts";
import { dayOf, onDay, pastDay } from "../reminder/due.ts";
import { allCases, keepCases } from "../store.ts";
import { dateField } from "./date_field.ts";
import { patientField, type Which } from "./which.ts";

export interface Named {
  name: string;
  shown: Blob;
  reading: Reading;
}

/** @returns whether they were saved */
export async function saveAll(pictures: Named[], meant: Meant): Promise<boolean> {
  const patients = patientsOf(await allCases());
  const files = await Promise.all(pictures.map(({ shown }) => stripped(shown)));
  const followed = meantCase(meant, patients);
  const which: Which = { ...meantFor(meant, patients), label: "" };
  let day = pastDay(files[0]?.taken ?? "");
  let said = false;
  const clean = files.every((file) => file.clean);
  const whose = patientField(patients, which, () => undefined);
  const where = followed && whereField(followed, which, () => (whose.hidden = which.case !== ""));
  whose.hidden = which.case !== "";
  const parts = [
    make("p", { textContent: t("many.save_left", { n: pictures.length }) }),
    where ?? null,
    whose,
    dateField(day, (next) => {
      day = next;
      said = true;
    }),
    make("p", { className: "fine", textContent: t("many.save_how", { n: pictures.length }) }),
    make("p", { id: "stripped", className: clean ? "fine" : "caution", textContent: t(clean ? "save.stripped" : "save.unclean") }),
  ];
  if (!(await ask(t("many.save"), parts, t("save.save")))) return false;
  const now = new Date().toISOString();
  const dateOf = (own: string): string => (own === dayOf(new Date()) ? now : onDay(now, own));
  // Each has its own day where its file says one, unless the person said another.
  const visits = pictures.map(({ reading }, i) => newVisit(files[i]!.picture, reading, dateOf(said ? day : pastDay(files[i]!.taken))));
  const old = followed && which.case ? followed : null;
  await keepCases(old ? [{ ...old, visits: inOrder([...old.visits, ...visits]) }] : ownCases(pictures, visits, which, patients.find(({ id }) => id === which.patient)?.label));
  return true;
}

/** To the case that the pictures were taken for, or each to one of its own. */
function whereField(followed: Case, which: Which, changed: () => void): HTMLElement {
  const list = make(
    "select",
    { id: "case" },
    make("option", { value: followed.id, textContent: caseName(followed) }),
    make("option", { value: "", textContent: t("many.all_each") }),
  );
  list.addEventListener("change", () => {
    which.case = list.value;
    changed();
  });
  return field(t("many.all_to"), list);
}

/** Lesions of one patient where one was named; else nobody knows whose they are, and each stands alone. */
function ownCases(pictures: Named[], visits: Visit[], which: Which, label = which.label): Case[] {
  const one = which.patient || (label && newId());
  return visits.map((visit, i) => ({
    id: newId(),
    patient_id: one || newId(),
    patient: label,
    site: "",
    notes: pictures[i]!.name,
    created: new Date().toISOString(),
    visits: [visit],
  }));
}
