import assert from "node:assert/strict";
import { test } from "node:test";
import { hairOver } from "../../../src/engine/quality/hair.ts";
import { SIDE } from "../../../src/engine/quality/lesion_region.ts";

const SIZE = 224;
const everywhere = new Uint8Array(SIDE * SIDE).fill(1);

/** A light picture with a dark line down the middle, so many pixels long. */
function line(length: number): Uint8Array {
  const grey = new Uint8Array(SIZE * SIZE).fill(180);
  for (let y = 100; y < 100 + length; y++) grey[y * SIZE + 112] = 60;
  return grey;
}

test("a long dark line is hair, a short one is none", () => {
  assert.ok(hairOver(line(100), SIZE, everywhere) > 0.001);
  assert.equal(hairOver(line(12), SIZE, everywhere), 0);
});

test("only hair over the region counts, and an empty region has none", () => {
  const left = everywhere.map((_, i) => (i % SIDE < SIDE / 4 ? 1 : 0));
  assert.equal(hairOver(line(100), SIZE, left), 0);
  assert.equal(hairOver(line(100), SIZE, new Uint8Array(SIDE * SIDE)), 0);
});
