import assert from "node:assert/strict";
import { test } from "node:test";
import { passesSelfTest } from "../../src/engine/self_test.ts";

const expected = { seed: 1, expected_logits: [1, -2], tolerance: 0.5 };

test("logits within the tolerance pass", () => {
  assert.equal(passesSelfTest(Float32Array.of(1.5, -2.5), expected), true);
  assert.equal(passesSelfTest(Float32Array.of(1.6, -2), expected), false);
});

test("what is missing or no number fails", () => {
  assert.equal(passesSelfTest(Float32Array.of(1), expected), false);
  assert.equal(passesSelfTest(Float32Array.of(1, NaN), expected), false);
});
