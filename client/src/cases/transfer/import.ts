// Cases from an exported file, back into this browser.
import { keepCase, readCase } from "../store.ts";
import { joined, readCases } from "./case_file.ts";

/**
 * Keep the cases of a file beside those there are. A case that is here, too, keeps its words and gets the pictures
 * that it lacks.
 * @returns how many cases the file holds
 * @throws Error when it is no such file; then nothing was changed
 */
export async function importCases(file: Blob): Promise<number> {
  // All are read before the first is kept.
  const cases = readCases(await file.text());
  for (const entry of cases) await keepCase(joined(await readCase(entry.id), entry));
  return cases.length;
}
