// How pictures lie in IndexedDB: as files, which stay on the disk until they are looked at. WebKit keeps none in private
// windows; there their bytes are kept instead.
import type { Case, Visit } from "./case.ts";

interface Bytes {
  bytes: ArrayBuffer;
  type: string;
}
export type KeptCase = Omit<Case, "visits"> & { visits: (Omit<Visit, "picture"> & { picture: Blob | Bytes })[] };

export async function asBytes(entry: Case): Promise<KeptCase> {
  const visits = entry.visits.map(async (visit) => {
    const { picture } = visit;
    return { ...visit, picture: { bytes: await picture.arrayBuffer(), type: picture.type } };
  });
  return { ...entry, visits: await Promise.all(visits) };
}

/** A case as the page works with it, however it was kept. */
export function asFiles(entry: KeptCase): Case {
  const visits = entry.visits.map((visit) => {
    const { picture } = visit;
    return { ...visit, picture: picture instanceof Blob ? picture : new Blob([picture.bytes], { type: picture.type }) };
  });
  return { ...entry, visits };
}
