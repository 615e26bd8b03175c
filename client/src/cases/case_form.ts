// What a person says about a case, asked for in a dialog.
import { ask } from "../page/dialog.ts";
import { make } from "../page/make.ts";
import { day } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { bodyMap, siteName } from "./body/body_map.ts";
import { type Case, newId, type Visit } from "./case.ts";
import { allCases, keepCase, readCase } from "./store.ts";

type Words = Pick<Case, "patient" | "site" | "notes">;

/** Ask for the words of a case and keep it; returns whether it was kept. */
export async function editCase(entry: Case): Promise<boolean> {
  const words: Words = { patient: entry.patient, site: entry.site, notes: entry.notes };
  if (!(await ask(t("case.edit"), [fields(words)], t("save.save")))) return false;
  const now = (await readCase(entry.id)) ?? entry;
  await keepCase({ ...now, ...words });
  return true;
}

/**
 * Save a picture with its answer, to a new case or to one that there is.
 * @param suggested the case that is chosen at first
 * @returns the case's id, or null when nothing was saved
 */
export async function saveVisit(visit: Visit, suggested = ""): Promise<string | null> {
  const cases = await allCases();
  const words: Words = { patient: "", site: "", notes: "" };
  const form = fields(words);
  const list = make("select", { id: "case" }, make("option", { value: "", textContent: t("save.new") }));
  list.append(...cases.map((entry) => make("option", { value: entry.id, textContent: caseName(entry) })));
  list.value = cases.some(({ id }) => id === suggested) ? suggested : "";
  const show = (): void => {
    form.hidden = list.value !== "";
  };
  list.addEventListener("change", show);
  show();
  const which = make("div", { className: "field" }, make("label", { htmlFor: "case", textContent: t("save.to") }), list);
  if (!(await ask(t("save.title"), [cases.length > 0 && which, form], t("save.save")))) return null;
  const old = list.value && (await readCase(list.value));
  const entry: Case = old
    ? { ...old, visits: [...old.visits, visit] }
    : { id: newId(), ...words, created: visit.date, visits: [visit] };
  await keepCase(entry);
  return entry.id;
}

/**
 * Save many pictures, each to a case of its own; its name becomes the case's note.
 * @returns whether they were saved
 */
export async function saveAll(pictures: { name: string; visit: Visit }[]): Promise<boolean> {
  const patient = make("input", { id: "patient", maxLength: 80, attributes: { autocomplete: "off", "aria-describedby": "patient-hint" } });
  const field = make(
    "div",
    { className: "field" },
    make("label", { htmlFor: "patient", textContent: t("case.patient") }),
    patient,
    make("p", { id: "patient-hint", className: "fine", textContent: t("case.patient_hint") }),
  );
  const how = make("p", { textContent: t("many.save_how", { n: pictures.length }) });
  if (!(await ask(t("many.save"), [how, field], t("save.save")))) return false;
  const label = patient.value.trim();
  for (const { name, visit } of pictures) {
    await keepCase({ id: newId(), patient: label, site: "", notes: name, created: visit.date, visits: [visit] });
  }
  return true;
}

export function caseName({ patient, site, created }: Case): string {
  return [patient || t("cases.unlabelled"), siteName(site), day(created)].join(" · ");
}

function fields(words: Words): HTMLElement {
  const patient = make("input", {
    id: "patient",
    value: words.patient,
    maxLength: 80,
    oninput: () => (words.patient = patient.value.trim()),
    attributes: { "aria-describedby": "patient-hint", autocomplete: "off" },
  });
  const notes = make("textarea", {
    id: "notes",
    value: words.notes,
    rows: 3,
    oninput: () => (words.notes = notes.value.trim()),
  });
  return make(
    "div",
    { className: "fields" },
    make(
      "div",
      { className: "field" },
      make("label", { htmlFor: "patient", textContent: t("case.patient") }),
      patient,
      make("p", { id: "patient-hint", className: "fine", textContent: t("case.patient_hint") }),
    ),
    bodyMap(words.site, (site) => (words.site = site)),
    make("div", { className: "field" }, make("label", { htmlFor: "notes", textContent: t("case.notes") }), notes),
  );
}
