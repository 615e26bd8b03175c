// The cases of one exported file, checked whole before anything of it is kept.
import { Refused } from "../../files/refusal.ts";
import { contents, entriesOf, isZip } from "../../files/zip_read.ts";
import type { Case, Visit } from "../case.ts";
import { checkedCase, checkedVisit, checkUnique, Untrue } from "./checked.ts";
import {
  type CaseInFile,
  FORMAT,
  MANIFEST,
  type Manifest,
  MOST_FILE_BYTES,
  MOST_MANIFEST_BYTES,
  MOST_PICTURE_BYTES,
  MOST_PICTURES,
  MOST_TEXT_BYTES,
  type VisitInManifest,
  type VisitInText,
} from "./format.ts";

/** A file's cases, and which part of which export it is. */
export interface Read {
  cases: Case[];
  export: string;
  part: number;
  parts: number;
}

/**
 * Read a file that is not, or no longer, encrypted.
 * @throws Refused with a sentence when it is no export, too large, or not whole
 */
export async function readFile(file: Blob): Promise<Read> {
  const zip = await isZip(file);
  if (file.size > (zip ? MOST_FILE_BYTES : MOST_TEXT_BYTES)) throw new Refused("import.too_large");
  try {
    return zip ? await readZip(file) : { cases: readText(await file.text()), export: "", part: 1, parts: 1 };
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (error instanceof Untrue) throw new Refused("import.damaged", { what: error.message });
    throw new Refused("cases.not_ours"); // no JSON, or of another shape
  }
}

async function readZip(file: Blob): Promise<Read> {
  const entries = await entriesOf(file, MOST_PICTURES + 1);
  const entry = entries.get(MANIFEST);
  if (!entry) throw new Refused("cases.not_ours");
  if (entry.data.size > MOST_MANIFEST_BYTES) throw new Refused("import.too_large");
  const manifest = JSON.parse(new TextDecoder().decode(await contents(entry))) as Manifest;
  const { format, version, students, cases, part, parts } = manifest;
  if (format !== FORMAT || version !== 2 || !Array.isArray(students)) throw new Refused("cases.not_ours");
  checkCount(cases);
  const count = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= MOST_PICTURES;
  if (!count(part) || !count(parts) || part > parts || typeof manifest.export !== "string") throw new Untrue("parts");
  const picture = async ({ file: name, size, crc32: sum }: VisitInManifest): Promise<Blob> => {
    const found = entries.get(name);
    if (!found || found.data.size !== size || found.crc !== sum) throw new Untrue(`${name} is not the picture that was exported`);
    await contents(found);
    return asPicture(found.data, name);
  };
  const read = await eachVisit(cases, async (visit) => ({ ...visit, student: students[visit.student]!, picture: await picture(visit) }));
  return { cases: read, export: manifest.export, part, parts };
}

/** Version 1: a text with its pictures inside. */
function readText(text: string): Case[] {
  const { format, version, cases } = JSON.parse(text) as { format: unknown; version: unknown; cases: CaseInFile<VisitInText>[] };
  if (format !== FORMAT || version !== 1) throw new Refused("cases.not_ours");
  checkCount(cases);
  const read = cases.map((entry) => ({ ...checkedCase(entry), visits: entry.visits.map((visit) => ({ ...checkedVisit(visit), picture: fromAddress(visit.picture) })) }));
  checkIds(read);
  return read;
}

/** More than any export holds are not looked at one by one. */
function checkCount(cases: CaseInFile<unknown>[]): void {
  if (!Array.isArray(cases)) throw new Refused("cases.not_ours");
  let pictures = 0;
  for (const { visits } of cases) pictures += Math.max(1, visits.length);
  if (pictures > MOST_PICTURES) throw new Refused("import.too_many", { most: MOST_PICTURES });
}

async function eachVisit<V>(cases: CaseInFile<V>[], whole: (visit: V) => Promise<Visit>): Promise<Case[]> {
  const read: Case[] = [];
  for (const entry of cases) {
    const visits: Visit[] = [];
    const words = checkedCase(entry);
    for (const written of entry.visits) {
      const visit = await whole(written);
      visits.push({ ...checkedVisit(visit), picture: visit.picture });
    }
    read.push({ ...words, visits });
  }
  checkIds(read);
  return read;
}

function checkIds(cases: Case[]): void {
  checkUnique(cases.map(({ id }) => id));
  for (const { visits } of cases) checkUnique(visits.map(({ id }) => id));
}

const TYPES: Record<string, string> = { jpg: "image/jpeg", png: "image/png", webp: "image/webp", bmp: "image/bmp" };

function asPicture(data: Blob, name: string): Blob {
  if (data.size === 0 || data.size > MOST_PICTURE_BYTES) throw new Untrue(`${name} has no size that a picture has`);
  return data.slice(0, data.size, TYPES[name.split(".").at(-1)!] ?? "");
}

function fromAddress(address: string): Blob {
  const [, type, text] = /^data:(image\/[\w.+-]+)?;base64,(.+)$/.exec(address) ?? [];
  if (!text) throw new Untrue("a picture");
  return asPicture(new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: type ?? "" }), `.${type?.split("/")[1]}`);
}

