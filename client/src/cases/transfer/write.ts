// Cases as the files of an export: see format.ts.
import { crc32 } from "../../files/crc32.ts";
import { encrypted } from "../../files/encryption.ts";
import { type Entry, zipped } from "../../files/zip_write.ts";
import { stripped } from "../../metadata/stripped.ts";
import { type Case, newId } from "../case.ts";
import { isWhole } from "./checked.ts";
import { type CaseInFile, FORMAT, MANIFEST, type Manifest, type VisitInManifest } from "./format.ts";
import { inParts } from "./parts.ts";

export interface Written {
  name: string;
  file: Blob;
}

/** How far the writing is: `done` of `all` pictures, in part `part` of `parts`. */
export interface Progress {
  part: number;
  parts: number;
  done: number;
  all: number;
}

const EXTENSIONS: Record<string, string> = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/bmp": "bmp" };

/**
 * Write all files of an export, one after the other.
 * @param passphrase "" for files that everybody can read
 */
export async function writeExport(cases: Case[], passphrase: string, told: (progress: Progress) => void): Promise<Written[]> {
  const parts = inParts(cases);
  const [id, now] = [newId(), new Date()];
  const all = cases.reduce((sum, { visits }) => sum + visits.length, 0);
  const written: Written[] = [];
  let done = 0;
  for (const [i, part] of parts.entries()) {
    const about = { export: id, exported: now.toISOString(), part: i + 1, parts: parts.length };
    const entries = await entriesOf(part, about, () => told({ part: i + 1, parts: parts.length, done: ++done, all }));
    const zip = zipped(entries, now);
    written.push({ name: nameOf(now, i, parts.length, passphrase !== ""), file: passphrase === "" ? zip : await encrypted(zip, passphrase) });
  }
  return written;
}

function nameOf(now: Date, i: number, parts: number, secret: boolean): string {
  const part = parts === 1 ? "" : `-part-${i + 1}-of-${parts}`;
  return `dermdistill-cases-${now.toISOString().slice(0, 10)}${part}.${secret ? "encrypted" : "zip"}`;
}

async function entriesOf(cases: Case[], about: Pick<Manifest, "export" | "exported" | "part" | "parts">, written: () => void): Promise<Entry[]> {
  const [pictures, students]: [Entry[], string[]] = [[], []];
  const [listed, damaged]: [CaseInFile<VisitInManifest>[], CaseInFile<VisitInManifest>[]] = [[], []];
  for (const entry of cases) {
    const { visits, ...words } = entry;
    const inFile: VisitInManifest[] = [];
    for (const { picture: kept, student, ...visit } of visits) {
      // What was saved before the page removed it from pictures is removed now.
      const { picture } = await stripped(kept);
      const entry = { name: `pictures/${String(pictures.length + 1).padStart(4, "0")}.${EXTENSIONS[picture.type] ?? "bin"}`, ...(await summed(picture)) };
      pictures.push(entry);
      const text = JSON.stringify(student);
      if (!students.includes(text)) students.push(text);
      inFile.push({ ...visit, student: students.indexOf(text), file: entry.name, size: picture.size, crc32: entry.crc });
      written();
    }
    // One damaged case must not keep the whole file from being brought back.
    (isWhole(entry) ? listed : damaged).push({ ...words, visits: inFile });
  }
  const manifest: Manifest = { format: FORMAT, version: 2, ...about, students: students.map((text) => JSON.parse(text) as never), cases: listed, damaged };
  const data = new Blob([JSON.stringify(manifest, null, 1)], { type: "application/json" });
  return [{ name: MANIFEST, ...(await summed(data)) }, ...pictures];
}

async function summed(data: Blob): Promise<Pick<Entry, "data" | "crc">> {
  return { data, crc: crc32(new Uint8Array(await data.arrayBuffer())) };
}
