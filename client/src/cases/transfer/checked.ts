// Whether what a file says can be true: every number, id, text and date, before any of it is kept.
import type { Case, Visit } from "../case.ts";
import { MOST_PICTURES } from "./format.ts";

/** Something in a file cannot be. */
export class Untrue extends Error {}

const LEVELS = ["see_doctor", "cannot_judge", "unclear", "no_sign"];
const RISKS = ["malignant", "precursor", "benign"];
const ID = /^[\w.:+~-]{1,120}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const [MOST_LABEL, MOST_TEXT, MOST_CLASSES, MOST_CELLS] = [200, 50_000, 200, 64];
// Probabilities are written with six digits.
const ROUNDING = 0.01;

/** The case's own words and dates; its pictures are checked on their own. @throws Untrue */
export function checkedCase<V>({ id, patient_id, patient, site, notes, created, reminder, visits }: Omit<Case, "visits"> & { visits: V[] }): Omit<Case, "visits"> {
  demand(isId(id) && isText(patient, MOST_LABEL) && isText(site, MOST_LABEL) && isText(notes, MOST_TEXT) && isDate(created), "case");
  demand(patient_id === undefined || isText(patient_id, MOST_LABEL), "patient");
  demand(reminder === undefined || (DAY.test(reminder) && isDate(reminder)), "reminder");
  demand(Array.isArray(visits) && visits.length > 0 && visits.length <= MOST_PICTURES, "pictures");
  return { id, patient, site, notes, created, ...(patient_id !== undefined && { patient_id }), ...(reminder !== undefined && { reminder }) };
}

/** A picture's answer, without the picture. @throws Untrue */
export function checkedVisit({ id, date, answer, student, told, imported }: Omit<Visit, "picture">): Omit<Visit, "picture"> {
  demand(isId(id) && isDate(date) && (imported === undefined || isDate(imported)), "picture");
  checkStudent(student);
  checkAnswer(answer, student);
  if (told !== undefined) {
    const known = student.classes.map(({ code }) => code);
    demand(LEVELS.includes(told.level) && texts(told.reasons) && texts(told.classes) && told.classes.every((code) => known.includes(code)), "assessment");
    demand(told.sensitivity === null || isShare(told.sensitivity), "assessment");
  }
  return { id, date, answer, student, ...(told && { told }), ...(imported !== undefined && { imported }) };
}

/** Whether a case that is kept here could be brought back from a file. */
export function isWhole(entry: Case): boolean {
  try {
    checkedCase(entry);
    entry.visits.forEach(checkedVisit);
    return true;
  } catch {
    return false;
  }
}

/** @throws Untrue when an id is there twice */
export function checkUnique(ids: string[]): void {
  demand(new Set(ids).size === ids.length, "id");
}

function checkStudent({ classes, operating_points, conformal, melanoma }: Visit["student"]): void {
  demand(Array.isArray(classes) && classes.length > 0 && classes.length <= MOST_CLASSES, "classes");
  for (const { code, name, plain, risk, key } of classes) {
    // What earlier versions did not keep may be absent.
    demand(isId(code) && RISKS.includes(risk) && [name, plain ?? "", key ?? ""].every((text) => isText(text, MOST_TEXT)), "class");
  }
  checkUnique(classes.map(({ code }) => code));
  demand(melanoma === undefined || melanoma === null || classes.some(({ code }) => code === melanoma), "melanoma");
  demand(Array.isArray(operating_points) && operating_points.length <= MOST_CLASSES, "operating points");
  for (const { target, sensitivity, threshold, cautious } of operating_points) {
    demand(["malignant", "melanoma"].includes(target) && isShare(sensitivity) && isShare(threshold), "operating point");
    demand(cautious === null || cautious === undefined || isShare(cautious.threshold), "operating point");
  }
  demand(conformal === undefined || conformal === null || Array.isArray(conformal.levels), "conformal");
}

function checkAnswer(answer: Visit["answer"], { classes }: Visit["student"]): void {
  const { probabilities, malignant_probability, diagnosis, heat_map, quality, conformal, out_of_distribution: detector, bundle } = answer;
  demand([answer.name, answer.plain, bundle.name, bundle.version].every((text) => isText(text, MOST_TEXT)), "answer");
  demand(classes.some(({ code }) => code === diagnosis), "diagnosis");
  const shares = classes.map(({ code }) => probabilities[code]!);
  demand(shares.every(isShare) && isShare(malignant_probability), "probabilities");
  const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0);
  demand(Math.abs(sum(shares) - 1) < ROUNDING, "sum of the probabilities");
  const dangerous = sum(shares.filter((_, i) => classes[i]!.risk !== "benign"));
  demand(Math.abs(dangerous - malignant_probability) < ROUNDING, "malignant probability");
  const isRow = (row: unknown): boolean => Array.isArray(row) && row.length === heat_map[0]!.length && row.every(isShare);
  demand(Array.isArray(heat_map) && heat_map.length > 0 && heat_map.length <= MOST_CELLS, "heat map");
  demand(heat_map[0]!.length > 0 && heat_map[0]!.length <= MOST_CELLS && heat_map.every(isRow), "heat map");
  demand(Array.isArray(quality) && quality.every(({ code, message }) => isText(code, MOST_LABEL) && isText(message, MOST_TEXT)), "quality");
  demand(conformal === null || conformal === undefined || conformal.every(({ coverage, codes }) => isShare(coverage) && texts(codes)), "conformal");
  demand(detector === null || detector === undefined || (typeof detector.refused === "boolean" && Number.isFinite(detector.score)), "detector");
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Untrue(what);
}

const isId = (value: unknown): boolean => typeof value === "string" && ID.test(value);

const isText = (value: unknown, most: number): boolean => typeof value === "string" && value.length <= most;

const texts = (value: unknown): boolean =>
  Array.isArray(value) && value.length <= MOST_CLASSES && value.every((text) => isText(text, MOST_LABEL));

const isShare = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1;

/** A date that a picture can be of. */
function isDate(value: unknown): boolean {
  const year = typeof value === "string" ? new Date(value).getUTCFullYear() : NaN;
  return year >= 1900 && year <= 2200;
}
