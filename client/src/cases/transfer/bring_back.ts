// Cases of exported files, back into this browser: all of them, or none.
import { decrypted, isEncrypted } from "../../files/encryption.ts";
import { Refused } from "../../files/refusal.ts";
import { stripped } from "../../metadata/stripped.ts";
import { day } from "../../words/numbers.ts";
import { t } from "../../words/words.ts";
import { type Case, patientId } from "../case.ts";
import { labelName } from "../names.ts";
import { allCases, keepCases } from "../store.ts";
import { joined } from "./joined.ts";
import { type Read, readFile } from "./read.ts";

export interface Brought {
  cases: number;
  /** Pictures that were not here. */
  pictures: number;
  /** Cases of which the files say something else than what is here; both are kept. */
  differing: number;
  parts: number;
  /** Numbers of the export's files that have not been brought back since the page was opened. */
  missing: number[];
}

// By export: its parts that were brought back since the page was opened.
const seen = new Map<string, Set<number>>();

/**
 * @param passphraseOf asks for a file's passphrase; null when the person gives up
 * @returns null when the person gave up
 * @throws Refused with a sentence; then nothing was changed
 */
export async function bringBack(files: File[], passphraseOf: (name: string) => Promise<string | null>): Promise<Brought | null> {
  const read: Read[] = [];
  let passphrase: string | null = "";
  for (const file of files) {
    try {
      const secret = await isEncrypted(file);
      if (secret && !passphrase) passphrase = await passphraseOf(file.name);
      if (passphrase === null) return null;
      read.push(await readFile(secret ? await decrypted(file, passphrase) : file));
    } catch (error) {
      throw error instanceof Refused ? new Refused(error.key, { name: file.name, ...error.values }) : error;
    }
  }
  return keep(read);
}

async function keep(read: Read[]): Promise<Brought> {
  const here = new Map((await allCases()).map((entry) => [entry.id, entry]));
  const labels = new Map([...here.values()].map((entry) => [patientId(entry), entry.patient]));
  const changed = new Map<string, Case>();
  const now = new Date().toISOString();
  const brought: Brought = { cases: 0, pictures: 0, differing: 0, parts: 1, missing: [] };
  for (const given of read.flatMap(({ cases }) => cases)) {
    const entry = underLabel(await clean(given), here.has(given.id) ? undefined : labels.get(patientId(given)), now);
    const known = changed.get(entry.id) ?? here.get(entry.id) ?? null;
    const result = await joined(known, entry, now);
    changed.set(entry.id, result.entry);
    brought.pictures += result.pictures;
    brought.differing += Number(result.differs);
  }
  brought.cases = changed.size;
  await keepCases([...changed.values()]);
  return { ...brought, ...missingOf(read) };
}

/** A new case of a patient who is known here by another label, which stays; the file's is told in the notes. */
function underLabel(entry: Case, label: string | undefined, now: string): Case {
  if (label === undefined || label === entry.patient) return entry;
  const text = t("case.imported", { date: day(now), text: `${t("case.patient")}: ${labelName(entry.patient)}` });
  return { ...entry, patient: label, notes: [entry.notes, text].filter(Boolean).join("\n") };
}

async function clean(entry: Case): Promise<Case> {
  const visits = [];
  for (const visit of entry.visits) visits.push({ ...visit, picture: (await stripped(visit.picture)).picture });
  return { ...entry, visits };
}

/** Of the exports that these files belong to, what is still missing. */
function missingOf(read: Read[]): Pick<Brought, "parts" | "missing"> {
  for (const { export: id, part } of read) {
    const parts = seen.get(id) ?? new Set();
    seen.set(id, parts.add(part));
  }
  const partial = read.find(({ export: id, parts }) => seen.get(id)!.size < parts);
  if (!partial) return { parts: 1, missing: [] };
  const { export: id, parts } = partial;
  const missing = Array.from({ length: parts }, (_, i) => i + 1).filter((part) => !seen.get(id)!.has(part));
  return { parts, missing };
}
