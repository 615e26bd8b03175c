// The entries of a ZIP file that was written by zip_write.ts: stored, never compressed, so that none can grow when it is
// read. What it says of itself is checked before anything is read by it.
import { Refused } from "./refusal.ts";
import { crc32 } from "./crc32.ts";
import type { Entry } from "./zip_write.ts";

const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
const LOCAL_LENGTH = 30;

export async function isZip(file: Blob): Promise<boolean> {
  return file.size >= END_LENGTH && (await viewOf(file, 0, 4)).getUint32(0, true) === 0x04034b50;
}

/**
 * List a file's entries by name, their contents not read yet.
 * @param most entries it may have
 * @throws Refused when there are more, when one is compressed, or when they do not lie in the file side by side
 */
export async function entriesOf(file: Blob, most: number): Promise<Map<string, Entry>> {
  const end = await viewOf(file, file.size - END_LENGTH, END_LENGTH);
  if (end.getUint32(0, true) !== 0x06054b50) throw damaged("it ends early");
  const [count, length, start] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  if (count > most || length > most * 1024) throw new Refused("import.too_many", { most });
  if (start + length + END_LENGTH !== file.size) throw damaged("its list of entries is not where it should be");
  const list = await viewOf(file, start, length);
  const entries = new Map<string, Entry>();
  let [at, next] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_LENGTH > length || list.getUint32(at, true) !== 0x02014b50) throw damaged("its list of entries is broken");
    const [flags, method, crc] = [list.getUint16(at + 8, true), list.getUint16(at + 10, true), list.getUint32(at + 16, true)];
    const [packed, size, named] = [list.getUint32(at + 20, true), list.getUint32(at + 24, true), list.getUint16(at + 28, true)];
    const [rest, offset] = [list.getUint16(at + 30, true) + list.getUint16(at + 32, true), list.getUint32(at + 42, true)];
    if (method !== 0 || packed !== size || flags & 1) throw new Refused("import.compressed");
    if (at + CENTRAL_LENGTH + named > length) throw damaged("its list of entries is broken");
    const name = new TextDecoder().decode(new Uint8Array(list.buffer, at + CENTRAL_LENGTH, named));
    // One after the other, as they were written: two that share bytes would make a small file large.
    if (offset !== next || offset + LOCAL_LENGTH + named + size > start || entries.has(name)) throw damaged("its entries overlap");
    const from = offset + LOCAL_LENGTH + named;
    entries.set(name, { name, crc, data: file.slice(from, from + size) });
    next = from + size;
    at += CENTRAL_LENGTH + named + rest;
  }
  return entries;
}

/** @throws Refused when the contents are not those that were written */
export async function contents({ name, data, crc }: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await data.arrayBuffer());
  if (crc32(bytes) !== crc) throw damaged(`the sum of ${name} is wrong`);
  return bytes;
}

const damaged = (what: string): Refused => new Refused("import.damaged", { what });

async function viewOf(file: Blob, from: number, length: number): Promise<DataView<ArrayBuffer>> {
  if (from < 0) throw damaged("it is too short");
  return new DataView(await file.slice(from, from + length).arrayBuffer());
}
