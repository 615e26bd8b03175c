import "../../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, Visit } from "../../../src/cases/case.ts";
import { joined } from "../../../src/cases/transfer/joined.ts";
import { answer, visit } from "../../made_up.ts";

const [MARCH, MAY, NOW] = ["2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z", "2026-06-01T12:00:00.000Z"];
const entry = (changes: Partial<Case> = {}): Case => ({
  id: "1",
  patient: "P-1",
  site: "front.chest",
  notes: "Since spring.",
  created: MARCH,
  visits: [visit(MARCH, answer("mel", 0.9))],
  ...changes,
});

test("a case that is not here is taken as it is", async () => {
  const there = entry();
  assert.deepEqual(await joined(null, there, NOW), { entry: there, pictures: 1, differs: false });
});

test("the same case again changes nothing", async () => {
  assert.deepEqual(await joined(entry(), entry(), NOW), { entry: entry(), pictures: 0, differs: false });
});

test("pictures that are lacking are added, earliest first", async () => {
  const { entry: both, pictures, differs } = await joined(entry(), entry({ visits: [visit(MAY, answer("nv", 0.01)), visit("2025-01-01T10:00:00.000Z", answer("nv", 0.01))] }), NOW);
  assert.deepEqual(
    both.visits.map(({ date }) => date.slice(0, 4)),
    ["2025", "2026", "2026"],
  );
  assert.deepEqual([pictures, differs], [2, false]);
});

test("a verdict that is known here stays, the other stands beside it, and only once", async () => {
  const other = entry({ visits: [visit(MARCH, answer("nv", 0.01))] });
  const first = await joined(entry(), other, NOW);
  const again = await joined(first.entry, other, NOW);
  for (const { entry: both, differs } of [first, again]) {
    assert.equal(differs, true);
    assert.deepEqual(
      both.visits.map((one) => [one.answer.diagnosis, one.imported]),
      [
        ["mel", undefined],
        ["nv", NOW],
      ],
    );
    assert.equal(new Set(both.visits.map(({ id }) => id)).size, 2);
  }
  assert.deepEqual([first.pictures, again.pictures], [1, 0]);
});

test("another picture under the same id, and another assessment, are no less different", async () => {
  const picture = { ...entry().visits[0]!, picture: new Blob(["y"], { type: "image/png" }) };
  const told: Visit = { ...entry().visits[0]!, told: { level: "no_sign", reasons: [], classes: ["nv"], sensitivity: 0.8 } };
  for (const one of [picture, told]) assert.equal((await joined(entry(), entry({ visits: [one] }), NOW)).differs, true);
});

test("words that are known here stay, and what the file says stands below them, once", async () => {
  const there = entry({ patient: "P-2", site: "back.upper", notes: "Grew.", reminder: "2026-07-01", visits: [{ ...entry().visits[0]!, date: MAY }] });
  const first = await joined(entry(), there, NOW);
  const { patient, site, notes, reminder, visits } = first.entry;
  assert.deepEqual([patient, site, reminder, visits.length, visits[0]!.date], ["P-1", "front.chest", undefined, 1, MARCH]);
  const [own, below] = notes.split("\n");
  assert.equal(own, "Since spring.");
  for (const word of ["P-2", "Upper back", "Grew.", "Jul 1, 2026", "May 1, 2026", "Jun 1, 2026"]) assert.ok(below!.includes(word), word);
  assert.equal((await joined(first.entry, there, NOW)).entry.notes, notes);
});
