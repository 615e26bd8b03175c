// The file that cases are exported to and brought back from.
import type { Case, Visit } from "../case.ts";

export const FORMAT = { format: "dermdistill-cases", version: 1 } as const;

/** A case as the file holds it: each picture is a data address. */
export type Written = Omit<Case, "visits"> & { visits: (Omit<Visit, "picture"> & { picture: string })[] };

/**
 * Read the cases of a file's text.
 * @throws Error when it is no such file, or when anything in it is incomplete
 */
export function readCases(text: string): Case[] {
  const { format, version, cases } = JSON.parse(text) as Record<"format" | "version" | "cases", unknown>;
  if (format !== FORMAT.format || version !== FORMAT.version || !Array.isArray(cases)) throw new Error("No file of cases.");
  return (cases as Written[]).map(readWritten);
}

function readWritten({ id, patient, site, notes, created, visits }: Written): Case {
  const complete = areTexts(id, patient, site, notes) && isDate(created) && visits.length > 0;
  if (!complete) throw new Error("A case is incomplete.");
  return { id, patient, site, notes, created, visits: visits.map(readVisit) };
}

const LEVELS = ["see_doctor", "cannot_judge", "unclear", "no_sign"];

function readVisit({ id, date, picture, answer, student, told }: Written["visits"][number]): Visit {
  const complete =
    areTexts(id, answer.diagnosis, answer.name, answer.plain, answer.bundle.name) &&
    isDate(date) &&
    student.classes.every(({ code }) => typeof answer.probabilities[code] === "number") &&
    typeof answer.malignant_probability === "number" &&
    [answer.quality, answer.heat_map, student.operating_points].every(Array.isArray) &&
    (told === undefined || (LEVELS.includes(told.level) && [told.reasons, told.classes].every(Array.isArray)));
  if (!complete) throw new Error("A picture's answer is incomplete.");
  return { id, date, picture: asBlob(picture), answer, student, ...(told && { told }) };
}

const areTexts = (...values: unknown[]): boolean => values.every((value) => typeof value === "string");

const isDate = (value: unknown): boolean => typeof value === "string" && !Number.isNaN(Date.parse(value));

function asBlob(address: string): Blob {
  const [, type, text] = /^data:(image\/[\w.+-]+)?;base64,(.+)$/.exec(address) ?? [];
  if (!text) throw new Error("A picture cannot be read.");
  return new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: type ?? "" });
}

/** A case of a file and the one that is here: its words stay, and it gets the pictures that it lacks. */
export function joined(here: Case | undefined, there: Case): Case {
  if (!here) return there;
  const others = there.visits.filter(({ id }) => !here.visits.some((visit) => visit.id === id));
  const visits = [...here.visits, ...others].sort((a, b) => a.date.localeCompare(b.date));
  return { ...here, visits };
}
