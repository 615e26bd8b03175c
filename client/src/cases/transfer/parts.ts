// Which pictures go into which file of an export: as many as fit, in the order of the cases. Each file can be brought
// back on its own, so that one that is lost takes no other with it.
import type { Case } from "../case.ts";

/** Small enough for a phone to write, for FAT32 and for most mail rooms' memory sticks; large enough to be few. */
export const MOST_PART_BYTES = 128 * 2 ** 20;

/**
 * @returns for each file its cases, each with those of its pictures that lie in that file; at least one file
 */
export function inParts(cases: Case[], most = MOST_PART_BYTES): Case[][] {
  const parts: Case[][] = [[]];
  let size = 0;
  for (const entry of cases) {
    for (const visit of entry.visits) {
      if (size > 0 && size + visit.picture.size > most) {
        parts.push([]);
        size = 0;
      }
      const part = parts.at(-1)!;
      if (part.at(-1)?.id === entry.id) part.at(-1)!.visits.push(visit);
      else part.push({ ...entry, visits: [visit] });
      size += visit.picture.size;
    }
  }
  return parts;
}
