import assert from "node:assert/strict";
import { test } from "node:test";
import type { Detector } from "../../../src/engine/bundle.ts";
import { judge } from "../../../src/engine/outputs/out_of_distribution.ts";
import type { OutOfDistribution } from "../../../src/generated/bundle_spec.ts";

/** One direction of three, about the mean (1, 1, 1). */
function residual(changes: Partial<OutOfDistribution>): Detector {
  const parameters = { distance: "residual", distance_threshold: 10, energy: null, ...changes } as OutOfDistribution;
  return { parameters, mean: Float32Array.of(1, 1, 1), matrix: Float32Array.of(1, 0, 0), classMeans: null };
}

const logits = Float32Array.of(0, 0);

test("the residual is what lies outside the basis", () => {
  assert.deepEqual(judge(residual({}), Float32Array.of(5, 4, 5), logits), { score: 2.5, energy: null, refused: true });
  assert.deepEqual(judge(residual({}), Float32Array.of(99, 1, 2), logits), {
    score: 0.1,
    energy: null,
    refused: false,
  });
});

test("per length it is divided by the whole length, and 0 for the mean itself", () => {
  const detector = residual({ distance: "residual_per_length" });
  // x = (0, 3, 4): squared length 25, all outside.
  assert.equal(judge(detector, Float32Array.of(1, 4, 5), logits).score, 0.5);
  assert.equal(judge(detector, Float32Array.of(1, 1, 1), logits).score, 0);
});

test("the nearest class counts", () => {
  const parameters = { distance: "nearest_class", distance_threshold: 2, energy: null } as OutOfDistribution;
  const detector = {
    parameters,
    mean: Float32Array.of(0, 0),
    matrix: Float32Array.of(1, 0, 0, 2),
    classMeans: Float32Array.of(0, 0, 3, 4),
  };
  // Whitened: (3, 2); from (0, 0) 13, from (3, 4) 4.
  assert.equal(judge(detector, Float32Array.of(3, 1), logits).score, 2);
});

test("the energy refuses, too", () => {
  const detector = residual({ energy: { temperature: 2, threshold: -1.5 } });
  const { energy, refused } = judge(detector, Float32Array.of(1, 1, 1), logits);
  assert.ok(Math.abs(energy! + 2 * Math.log(2)) < 1e-12);
  assert.equal(refused, true);
});

test("what is no number is refused", () => {
  assert.equal(judge(residual({}), Float32Array.of(NaN, 1, 1), logits).refused, true);
});
