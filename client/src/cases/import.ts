// Cases from an exported file, back into this browser.
import type { Case, Visit } from "./case.ts";
import { keepCase, readCase } from "./store.ts";

type Written = Omit<Case, "visits"> & { visits: (Omit<Visit, "picture"> & { picture: string })[] };

/**
 * Keep the cases of a file beside those there are. A case that is here, too, keeps its words and gets the pictures
 * that it lacks.
 * @returns how many cases the file holds
 * @throws Error when it is no such file; then nothing was changed
 */
export async function importCases(file: Blob): Promise<number> {
  const { format, version, cases } = JSON.parse(await file.text()) as Record<"format" | "version" | "cases", unknown>;
  if (format !== "dermdistill-cases" || version !== 1 || !Array.isArray(cases)) throw new Error("No file of cases.");
  // All are read before the first is kept.
  const read = (cases as Written[]).map(readWritten);
  for (const entry of read) await keepCase(joined(await readCase(entry.id), entry));
  return read.length;
}

function readWritten({ id, patient, site, notes, created, visits }: Written): Case {
  const complete = areTexts(id, patient, site, notes) && isDate(created) && visits.length > 0;
  if (!complete) throw new Error("A case is incomplete.");
  return { id, patient, site, notes, created, visits: visits.map(readVisit) };
}

function readVisit({ id, date, picture, answer, student }: Written["visits"][number]): Visit {
  const complete =
    areTexts(id, answer.diagnosis, answer.name, answer.plain, answer.bundle.name) &&
    isDate(date) &&
    student.classes.every(({ code }) => typeof answer.probabilities[code] === "number") &&
    typeof answer.malignant_probability === "number" &&
    [answer.quality, answer.heat_map, student.operating_points].every(Array.isArray);
  if (!complete) throw new Error("A picture's answer is incomplete.");
  return { id, date, picture: asBlob(picture), answer, student };
}

const areTexts = (...values: unknown[]): boolean => values.every((value) => typeof value === "string");

const isDate = (value: unknown): boolean => typeof value === "string" && !Number.isNaN(Date.parse(value));

function asBlob(address: string): Blob {
  const [, type, text] = /^data:(image\/[\w.+-]+)?;base64,(.+)$/.exec(address) ?? [];
  if (!text) throw new Error("A picture cannot be read.");
  return new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: type ?? "" });
}

function joined(here: Case | undefined, there: Case): Case {
  if (!here) return there;
  const others = there.visits.filter(({ id }) => !here.visits.some((visit) => visit.id === id));
  const visits = [...here.visits, ...others].sort((a, b) => a.date.localeCompare(b.date));
  return { ...here, visits };
}
