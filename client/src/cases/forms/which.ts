// Whose lesion, and which of them: two lists, of which the second follows the first.
import { field } from "../../page/field.ts";
import { make } from "../../page/make.ts";
import { byText } from "../../words/numbers.ts";
import { t } from "../../words/words.ts";
import { labelName, spotName } from "../names.ts";
import type { Patient } from "../patients.ts";
import { labelField } from "./words.ts";

/** What was chosen; "" stands for a new one. */
export interface Which {
  patient: string;
  case: string;
  /** Of a new patient. */
  label: string;
}

/**
 * The list of patients, and the label of a new one.
 * @param which what is chosen at first; changed with each choice
 * @param changed called with each choice
 */
export function patientField(patients: Patient[], which: Which, changed: () => void): HTMLElement {
  const ordered = [...patients].sort((a, b) => Number(a.label === "") - Number(b.label === "") || byText(a.label, b.label));
  if (!patients.some(({ id }) => id === which.patient)) which.patient = "";
  const list = make("select", { id: "whose" }, make("option", { value: "", textContent: t("patient.new") }));
  list.append(...ordered.map((patient) => make("option", { value: patient.id, textContent: optionName(patient, patients) })));
  list.value = which.patient;
  const same = make("p", { id: "same-label", className: "caution", textContent: t("patient.same_label"), attributes: { role: "status" } });
  const label = labelField(which.label, (text) => {
    which.label = text;
    show();
    changed();
  });
  const show = (): void => {
    label.hidden = which.patient !== "";
    same.hidden = label.hidden || which.label === "" || !patients.some((patient) => patient.label === which.label);
  };
  list.addEventListener("change", () => {
    which.patient = list.value;
    show();
    changed();
  });
  show();
  const parts = patients.length > 0 ? [field(t("patient.which"), list)] : [];
  return make("div", { className: "fields" }, ...parts, label, same);
}

/** The list of a patient's lesions; hidden while there is none. Call `follow` after another patient was chosen. */
export function spotField(patients: Patient[], which: Which, changed: () => void): { element: HTMLElement; follow: () => void } {
  const list = make("select", { id: "case" });
  const element = field(t("case.which"), list);
  list.addEventListener("change", () => {
    which.case = list.value;
    changed();
  });
  const follow = (): void => {
    const cases = patients.find(({ id }) => id === which.patient)?.cases ?? [];
    list.replaceChildren(
      make("option", { value: "", textContent: t("case.new") }),
      ...cases.map((entry) => make("option", { value: entry.id, textContent: spotName(entry) })),
    );
    if (!cases.some(({ id }) => id === which.case)) which.case = "";
    list.value = which.case;
    element.hidden = cases.length === 0;
  };
  follow();
  return { element, follow };
}

/** Patients of the same label are told apart by their lesions. */
function optionName({ id, label, cases }: Patient, patients: Patient[]): string {
  const alone = label !== "" && !patients.some((other) => other.id !== id && other.label === label);
  return alone ? label : `${labelName(label)} · ${spotName(cases[0]!)}`;
}
