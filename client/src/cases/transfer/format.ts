// What an export's files hold. Version 1 was one JSON text with its pictures inside; version 2 is a ZIP file with a
// manifest and one file a picture. docs/cases.md describes both.
import type { Case, Visit } from "../case.ts";

export const FORMAT = "dermdistill-cases";
export const MANIFEST = "manifest.json";

/** No export holds more in one file; what does is not read. */
export const MOST_PICTURES = 10_000;
export const MOST_PICTURE_BYTES = 64 * 2 ** 20;
export const MOST_MANIFEST_BYTES = 64 * 2 ** 20;
/** A text of more cannot be held by every browser. */
export const MOST_TEXT_BYTES = 256 * 2 ** 20;
export const MOST_FILE_BYTES = 4 * 2 ** 30 - 1;

/** A picture as version 1 has it: a data address. */
export type VisitInText = Omit<Visit, "picture"> & { picture: string };

/** A picture as the manifest has it: the name of its file, with length in bytes and CRC-32; `student` is an index. */
export type VisitInManifest = Omit<Visit, "picture" | "student"> & { file: string; size: number; crc32: number; student: number };

export type CaseInFile<V> = Omit<Case, "visits"> & { visits: V[] };

export interface Manifest {
  format: typeof FORMAT;
  version: 2;
  /** The same in all files of one export. */
  export: string;
  exported: string;
  /** From 1 to `parts`. */
  part: number;
  parts: number;
  students: Visit["student"][];
  cases: CaseInFile<VisitInManifest>[];
  /** What is kept, but cannot be what was answered; for who mends it by hand. Not brought back. */
  damaged: CaseInFile<VisitInManifest>[];
}
