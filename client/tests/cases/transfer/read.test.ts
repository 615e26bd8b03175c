import "../../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, Visit } from "../../../src/cases/case.ts";
import { FORMAT, MANIFEST } from "../../../src/cases/transfer/format.ts";
import { readFile } from "../../../src/cases/transfer/read.ts";
import { crc32 } from "../../../src/files/crc32.ts";
import { Refused } from "../../../src/files/refusal.ts";
import { entriesOf } from "../../../src/files/zip_read.ts";
import { zipped } from "../../../src/files/zip_write.ts";
import { answer, visit } from "../../made_up.ts";

const WHEN = "2026-03-01T10:00:00.000Z";
const { picture: _, ...about } = visit(WHEN, answer("nv", 0.01), { level: "no_sign", reasons: [], classes: ["nv"], sensitivity: 0.95 });
const written = { ...about, picture: `data:image/png;base64,${btoa("pixels")}` };
const whole = { id: "1", patient: "P-1", site: "", notes: "", created: WHEN, visits: [written] };
const text = (...cases: unknown[]): string => JSON.stringify({ format: FORMAT, version: 1, cases });
const read = async (file: string | Blob): Promise<Case[]> => (await readFile(new Blob([file]))).cases;

test("a text of version 1 is read whole, its pictures as bytes", async () => {
  const [entry] = await read(text(whole));
  const [first] = entry!.visits;
  assert.equal(entry!.patient, "P-1");
  assert.equal(await first!.picture.text(), "pixels");
  assert.equal(first!.picture.type, "image/png");
  assert.deepEqual([first!.answer, first!.told], [about.answer, about.told]);
});

const bytes = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const stored = (name: string, data: Uint8Array<ArrayBuffer>) => ({ name, data: new Blob([data]), crc: crc32(data) });

/** A file of version 2 with one picture; `changes` are of its manifest. */
function zip(changes: object = {}, visitChanges: object = {}): Blob {
  const pixels = bytes("pixels");
  const inFile = { ...about, student: 0, file: "pictures/0001.png", size: pixels.length, crc32: crc32(pixels), ...visitChanges };
  const cases = [{ ...whole, patient_id: "p1", reminder: "2026-06-01", visits: [inFile] }];
  const manifest = { format: FORMAT, version: 2, export: "e1", exported: WHEN, part: 2, parts: 3, students: [about.student], cases, ...changes };
  return zipped([stored(MANIFEST, bytes(manifest)), stored("pictures/0001.png", pixels)], new Date(WHEN));
}

test("a ZIP of version 2 is read whole", async () => {
  const found = await readFile(zip());
  assert.deepEqual([found.export, found.part, found.parts], ["e1", 2, 3]);
  const [entry] = found.cases;
  assert.deepEqual([entry!.patient_id, entry!.reminder], ["p1", "2026-06-01"]);
  assert.equal(await entry!.visits[0]!.picture.text(), "pixels");
  assert.deepEqual(entry!.visits[0]!.student, about.student);
});

const answered = (changes: object): object => ({ ...whole, visits: [{ ...written, answer: { ...written.answer, ...changes } }] });
const by = (changes: object): object => ({ ...whole, visits: [{ ...written, student: { ...written.student, ...changes } }] });
const point = written.student.operating_points[0]!;

const damaged: Record<string, string | Blob> = {
  "no JSON": "not JSON",
  "another format": text(whole).replace(FORMAT, "something-else"),
  "a newer version": JSON.stringify({ format: FORMAT, version: 3, cases: [whole] }),
  "a picture that is none": text({ ...whole, visits: [{ ...written, picture: "data:text/html;base64,eA==" }] }),
  "an empty picture": text({ ...whole, visits: [{ ...written, picture: "data:image/png;base64," }] }),
  "no date": text({ ...whole, created: "" }),
  "a date in the year 9999": text({ ...whole, visits: [{ ...written, date: "9999-01-01T00:00:00Z" }] }),
  "no pictures": text({ ...whole, visits: [] }),
  "a patient that is no text": text({ ...whole, patient: 7 }),
  "an id that is an address": text({ ...whole, id: "x/../../" }),
  "an id twice": text(whole, whole),
  "a picture's id twice": text({ ...whole, visits: [written, written] }),
  "a reminder that is no day": text({ ...whole, reminder: "tomorrow" }),
  "a class without its probability": text(answered({ probabilities: { mel: 1 } })),
  "a probability above 1": text(answered({ probabilities: { mel: 1.5, akiec: 0, nv: -0.5 } })),
  "a probability that is a text": text(answered({ probabilities: { mel: "0", akiec: 0, nv: 1 } })),
  "probabilities that do not sum to 1": text(answered({ probabilities: { mel: 0.01, akiec: 0, nv: 0.5 } })),
  "a danger that its probabilities do not have": text(answered({ probabilities: { mel: 0.9, akiec: 0, nv: 0.1 } })),
  "a diagnosis that is no class": text(answered({ diagnosis: "none" })),
  "a heat map of nothing": text(answered({ heat_map: [[]] })),
  "a heat map of ragged rows": text(answered({ heat_map: [[0, 1], [1]] })),
  "a threshold above 1": text(by({ operating_points: [{ ...point, cautious: { ...point.cautious, threshold: 2 } }] })),
  "a class twice": text(by({ classes: [...written.student.classes, written.student.classes[0]] })),
  "a level that there is not": text({ ...whole, visits: [{ ...written, told: { ...about.told, level: "fine" } }] }),
  "a part beyond its parts": zip({ part: 4 }),
  "no manifest": zipped([stored("x", bytes("x"))], new Date(WHEN)),
  "a picture that it lacks": zip({}, { file: "pictures/0002.png" }),
  "a picture of another size": zip({}, { size: 7 }),
  "a picture of another sum": zip({}, { crc32: 1 }),
  "a student that it lacks": zip({}, { student: 1 }),
  ...Object.fromEntries(
    ["malignant_probability", "diagnosis", "name", "plain", "quality", "heat_map"].map((key) => [`no ${key}`, text(answered({ [key]: undefined }))]),
  ),
};

for (const [name, file] of Object.entries(damaged)) {
  test(`a file with ${name} is refused with a sentence`, () =>
    assert.rejects(read(file), (error) => error instanceof Refused && error.sentence("cases.zip").endsWith(".")));
}

const refusedFor = (key: string) => (error: unknown) => error instanceof Refused && error.key === key;

test("a million cases or pictures are refused, and soon", async () => {
  const started = Date.now();
  const million = `{"format":"${FORMAT}","version":1,"cases":[${'{"visits":[]},'.repeat(999_999)}{"visits":[]}]}`;
  await assert.rejects(read(million), refusedFor("import.too_many"));
  await assert.rejects(readFile(zip({ cases: [{ ...whole, visits: Array(1_000_000).fill(0) }] })), refusedFor("import.too_many"));
  assert.ok(Date.now() - started < 20_000);
});

test("a ZIP of very many entries is refused before they are looked at", async () => {
  const many = zipped(Array.from({ length: 10_002 }, (_, i) => stored(String(i), bytes(""))), new Date(WHEN));
  await assert.rejects(readFile(many), refusedFor("import.too_many"));
});

test("a text of more than a browser can hold is refused unread", async () => {
  const large = new Blob(["{".repeat(40)]);
  Object.defineProperty(large, "size", { value: 300 * 2 ** 20 });
  await assert.rejects(readFile(large), refusedFor("import.too_large"));
});

test("a picture whose bytes were changed is refused", async () => {
  const file = zip();
  const entry = (await entriesOf(file, 2)).get("pictures/0001.png")!;
  const all = new Uint8Array(await file.arrayBuffer());
  const at = Buffer.from(all).indexOf("pixels");
  all[at] = 0;
  assert.equal(entry.data.size, 6);
  await assert.rejects(readFile(new Blob([all])), refusedFor("import.damaged"));
});

test("of a visit only what is known is kept", async () => {
  const [entry] = await read(text({ ...whole, script: "x", visits: [{ ...written, script: "x" }] }));
  assert.equal("script" in entry!, false);
  assert.deepEqual(Object.keys(entry!.visits[0] as Visit).sort(), ["answer", "date", "id", "picture", "student", "told"]);
});
