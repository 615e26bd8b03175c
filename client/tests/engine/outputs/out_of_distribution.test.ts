import assert from "node:assert/strict";
import { test } from "node:test";
import type { Detector } from "../../../src/engine/bundle.ts";
import { judge } from "../../../src/engine/outputs/out_of_distribution.ts";
import type { OutOfDistribution } from "../../../src/generated/bundle_spec.ts";

// One direction of three, about the mean (1, 1, 1).
const detector: Detector = {
  parameters: { distance_threshold: 2 } as OutOfDistribution,
  mean: Float32Array.of(1, 1, 1),
  basis: Float32Array.of(1, 0, 0),
};

test("the score is what lies outside the basis, by the length", () => {
  // x = (0, 3, 4): squared length 25, all outside; x = (3, 0, 4): 16 of 25 outside.
  assert.deepEqual(judge(detector, Float32Array.of(1, 4, 5)), { score: 2.5, refused: true });
  assert.deepEqual(judge(detector, Float32Array.of(4, 1, 5)), { score: 1.6, refused: true });
  assert.deepEqual(judge(detector, Float32Array.of(9, 1, 1)), { score: 0, refused: false });
  assert.deepEqual(judge(detector, Float32Array.of(1, 1, 1)), { score: 0, refused: false });
});

test("what is no number is refused", () => {
  assert.equal(judge(detector, Float32Array.of(NaN, 1, 1)).refused, true);
});
