// A ZIP file whose entries are stored as they are. Their contents are parts of the new file by reference, so a file of
// hundreds of megabytes takes little memory. APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16.

export interface Entry {
  /** ASCII. */
  name: string;
  data: Blob;
  crc: number;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;

/** @param when the time that every entry has */
export function zipped(entries: Entry[], when: Date): Blob {
  const [files, directory]: [BlobPart[], Uint8Array<ArrayBuffer>[]] = [[], []];
  let at = 0;
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.name);
    const head = header(LOCAL, entry, name, when);
    files.push(head, name, entry.data);
    directory.push(header(CENTRAL, entry, name, when, at), name);
    at += head.length + name.length + entry.data.size;
  }
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  return new Blob([...files, ...directory, end(entries.length, length, at)], { type: "application/zip" });
}

function header(kind: typeof LOCAL | typeof CENTRAL, entry: Entry, name: Uint8Array, when: Date, at = 0): Uint8Array<ArrayBuffer> {
  const fields: [value: number, bytes: 2 | 4][] = [
    [kind, 4],
    ...(kind === CENTRAL ? ([[VERSION, 2]] as [number, 2][]) : []), // made by
    [VERSION, 2], // needed
    [0, 2], // flags
    [0, 2], // stored
    [dosTime(when), 2],
    [dosDate(when), 2],
    [entry.crc, 4],
    [entry.data.size, 4],
    [entry.data.size, 4],
    [name.length, 2],
    [0, 2], // extra field
  ];
  // Comment, disk, internal and external attributes; where the local header lies.
  if (kind === CENTRAL) fields.push([0, 2], [0, 2], [0, 2], [0, 4], [at, 4]);
  return packed(fields);
}

const end = (entries: number, length: number, at: number): Uint8Array<ArrayBuffer> =>
  packed([[END, 4], [0, 2], [0, 2], [entries, 2], [entries, 2], [length, 4], [at, 4], [0, 2]]);

function packed(fields: [value: number, bytes: 2 | 4][]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fields.reduce((sum, [, size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, size] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}

const dosTime = (when: Date): number => (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1);

const dosDate = (when: Date): number => ((when.getFullYear() - 1980) << 9) | ((when.getMonth() + 1) << 5) | when.getDate();
