import assert from "node:assert/strict";
import { test } from "node:test";
import { round, scaleHeat } from "../../../src/engine/outputs/heat_map.ts";

test("the chosen class's map is cut at 0 and scaled to 1", () => {
  const maps = Float32Array.of(9, -1, 9, 2, 9, 4, 9, 3); // 2 x 2 cells, two classes
  assert.deepEqual(scaleHeat(maps, [2, 2, 2], 1), [
    [0, 0.5],
    [1, 0.75],
  ]);
});

test("where nothing speaks for the class all is 0", () => {
  assert.deepEqual(scaleHeat(Float32Array.of(-1, -2), [1, 2, 1], 0), [[0, 0]]);
});

test("numbers are rounded as the API rounds them", () => assert.equal(round(2 / 3, 4), 0.6667));
