import assert from "node:assert/strict";
import { test } from "node:test";
import { lesionRegion, SIDE, sidesTouched } from "../../../src/engine/quality/lesion_region.ts";

const SIZE = 224;

/** A brown disc on skin. */
function disc(centreY: number, centreX: number, radius: number): Uint8Array {
  const square = new Uint8Array(SIZE * SIZE * 3);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const inside = Math.hypot(y - centreY, x - centreX) <= radius;
      square.set(inside ? [120, 70, 45] : [224, 180, 158], 3 * (y * SIZE + x));
    }
  }
  return square;
}

test("the region is the lesion, to a tenth of its area", () => {
  const region = lesionRegion(disc(112, 112, 45), SIZE);
  const cells = region.reduce((sum, cell) => sum + cell, 0);
  const expected = (Math.PI * 45 ** 2) / (SIZE / SIDE) ** 2;
  assert.ok(Math.abs(cells / expected - 1) < 0.1, `${cells} cells instead of ${expected}`);
  assert.equal(region[(SIDE / 2) * SIDE + SIDE / 2], 1);
  assert.equal(region[0], 0);
});

test("nothing stands out of one colour", () => {
  assert.equal(lesionRegion(disc(0, 0, -1), SIZE).some(Boolean), false);
});

test("touched sides by hand: 11 of the 44 middle cells at the top", () => {
  const region = new Uint8Array(SIDE * SIDE);
  for (let y = 0; y < 10; y++) region.fill(1, y * SIDE + 6, y * SIDE + 17);
  assert.deepEqual(sidesTouched(region), [0.25, 0, 0, 0]);
});
