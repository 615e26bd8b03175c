import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32 } from "../../src/files/crc32.ts";
import { Refused } from "../../src/files/refusal.ts";
import { contents, entriesOf, isZip } from "../../src/files/zip_read.ts";
import { zipped } from "../../src/files/zip_write.ts";

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const entry = (name: string, text: string) => ({ name, data: new Blob([text]), crc: crc32(bytes(text)) });
const zip = zipped([entry("a.txt", "first"), entry("pictures/1.png", ""), entry("b.txt", "second")], new Date(2026, 2, 1, 10, 30, 8));

test("the checksum is that of ZIP", () => {
  assert.equal(crc32(bytes("123456789")), 0xcbf43926); // the check value of CRC-32/ISO-HDLC
  assert.equal(crc32(bytes("")), 0);
});

test("what was written is read", async () => {
  assert.ok(await isZip(zip));
  const entries = await entriesOf(zip, 3);
  assert.deepEqual([...entries.keys()], ["a.txt", "pictures/1.png", "b.txt"]);
  assert.equal(new TextDecoder().decode(await contents(entries.get("b.txt")!)), "second");
});

/** The file with some of its bytes changed. */
async function changed(change: (view: DataView, length: number) => void): Promise<Blob> {
  const all = await zip.arrayBuffer();
  change(new DataView(all), all.byteLength);
  return new Blob([all]);
}

const refused = (key: string) => (error: unknown) => error instanceof Refused && error.key === key;
const central = (view: DataView, length: number): number => view.getUint32(length - 6, true);

test("an entry whose bytes were changed is refused", async () => {
  const broken = await changed((view) => view.setUint8(30 + "a.txt".length, 0x46));
  await assert.rejects(contents((await entriesOf(broken, 3)).get("a.txt")!), refused("import.damaged"));
});

test("more entries than allowed are refused before they are listed", async () => {
  await assert.rejects(entriesOf(zip, 2), refused("import.too_many"));
});

test("a compressed entry, which could grow when it is read, is refused", async () => {
  const bomb = await changed((view, length) => {
    view.setUint16(central(view, length) + 10, 8, true);
    view.setUint32(central(view, length) + 24, 4_000_000_000, true);
  });
  await assert.rejects(entriesOf(bomb, 3), refused("import.compressed"));
});

test("entries that share bytes, which make a small file large, are refused", async () => {
  const overlapping = await changed((view, length) => {
    const second = central(view, length) + 46 + "a.txt".length;
    view.setUint32(second + 42, 0, true); // where the first one lies
  });
  await assert.rejects(entriesOf(overlapping, 3), refused("import.damaged"));
});

test("a file that is cut off, or longer than it says, is refused", async () => {
  await assert.rejects(entriesOf(zip.slice(0, zip.size - 1), 3), refused("import.damaged"));
  await assert.rejects(entriesOf(new Blob([zip, "x"]), 3), refused("import.damaged"));
  await assert.rejects(entriesOf(new Blob(["PK"]), 3), refused("import.damaged"));
});
