import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { BundleSpec } from "../../../src/generated/bundle_spec.ts";
import { passesAnswerTest, passesSelfTest } from "../../../src/engine/student/self_test.ts";

const expected = { seed: 1, expected_logits: [1, -2], tolerance: 0.5 };

test("logits within the tolerance pass", () => {
  assert.equal(passesSelfTest(Float32Array.of(1.5, -2.5), expected), true);
  assert.equal(passesSelfTest(Float32Array.of(1.6, -2), expected), false);
});

test("what is missing or no number fails", () => {
  assert.equal(passesSelfTest(Float32Array.of(1), expected), false);
  assert.equal(passesSelfTest(Float32Array.of(1, NaN), expected), false);
});

const shipped = new URL("../../../../src/dermdistill/bundles/mobilenet_v2/bundle.json", import.meta.url);
const spec = JSON.parse(readFileSync(shipped, "utf8")) as BundleSpec;
const recorded = spec.self_test_answer!;
const score = recorded.out_of_distribution_score!;

test("the shipped bundle's decision, probabilities and score pass, as in Python", () => {
  assert.equal(passesAnswerTest(spec, score), true);
  assert.equal(passesAnswerTest(spec, score + 0.9 * recorded.score_tolerance!), true);
});

test("another decision, probability or score fails", () => {
  assert.equal(passesAnswerTest({ ...spec, temperature: 1.1 * spec.temperature }, score), false);
  assert.equal(passesAnswerTest({ ...spec, self_test_answer: { ...recorded, diagnosis: "df" } }, score), false);
  assert.equal(passesAnswerTest(spec, score + 1.1 * recorded.score_tolerance!), false);
  assert.equal(passesAnswerTest(spec, NaN), false);
  assert.equal(passesAnswerTest(spec, null), false);
});

test("a draft has no recorded answer to compare with", () => {
  assert.equal(passesAnswerTest({ ...spec, self_test_answer: null }, score), true);
});
