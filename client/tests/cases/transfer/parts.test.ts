import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, Visit } from "../../../src/cases/case.ts";
import { inParts } from "../../../src/cases/transfer/parts.ts";

const picture = (id: string, size: number): Visit => ({ id, picture: { size } as Blob }) as Visit;
const entry = (id: string, ...sizes: number[]): Case => ({ id, patient: "", site: "", notes: "", created: "", visits: sizes.map((size, i) => picture(`${id}${i}`, size)) });
const shape = (parts: Case[][]): string[][] => parts.map((part) => part.flatMap(({ visits }) => visits.map(({ id }) => id)));

test("each file takes as many pictures as fit, in the order of the cases", () => {
  assert.deepEqual(shape(inParts([entry("a", 4, 4), entry("b", 4), entry("c", 1)], 10)), [["a0", "a1"], ["b0", "c0"]]);
});

test("a case that lies in two files is in both with its words", () => {
  const [first, second] = inParts([entry("a", 6, 6)], 10);
  assert.equal(first![0]!.id, second![0]!.id);
});

test("a picture larger than a file has one of its own, and no pictures make one file", () => {
  assert.deepEqual(shape(inParts([entry("a", 1, 20, 1)], 10)), [["a0"], ["a1"], ["a2"]]);
  assert.equal(inParts([]).length, 1);
});
