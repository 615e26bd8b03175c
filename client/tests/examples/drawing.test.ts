import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { drawn, EXAMPLES } from "../../src/examples/drawing.ts";

test("an example is the same picture every time, and another than the others", () => {
  const sums = EXAMPLES.map((example) => createHash("sha256").update(drawn(example, 60, 45)).digest("hex"));
  assert.deepEqual(sums, EXAMPLES.map((example) => createHash("sha256").update(drawn(example, 60, 45)).digest("hex")));
  assert.equal(new Set(sums).size, EXAMPLES.length);
});

test("it fills the whole canvas, opaque", () => {
  const pixels = drawn("mole", 8, 6);
  assert.equal(pixels.length, 4 * 8 * 6);
  assert.ok(pixels.every((value, i) => i % 4 !== 3 || value === 255));
});
