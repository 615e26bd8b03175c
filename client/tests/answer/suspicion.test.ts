import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { isAbove, needsDoctor } from "../../src/answer/suspicion.ts";
import { answer, REFUSED, student } from "../made_up.ts";

// The cautious threshold of the sensitivity that is chosen at first.
const THRESHOLD = 0.1;

test("a probability at the threshold is above it", () => {
  assert.equal(isAbove(answer("nv", THRESHOLD), student()), true);
  assert.equal(isAbove(answer("nv", THRESHOLD - 1e-6), student()), false);
});

test("without operating points a half is the threshold", () => {
  const without = student({ operating_points: [] });
  assert.equal(isAbove(answer("nv", 0.5), without), true);
  assert.equal(isAbove(answer("nv", 0.49), without), false);
});

test("no threshold makes a malignant or precursor answer wait", () => {
  for (const diagnosis of ["mel", "akiec"]) assert.equal(needsDoctor(answer(diagnosis, 0.001), student()), true);
});

test("a harmless answer waits below the threshold, unless it could also be dangerous", () => {
  assert.equal(needsDoctor(answer("nv", 0.001), student()), false);
  assert.equal(needsDoctor(answer("nv", THRESHOLD), student()), true);
  const also = { conformal: [{ coverage: 0.9, codes: ["nv", "mel"] }] };
  assert.equal(needsDoctor(answer("nv", 0.001, also), student()), true);
});

test("a refused picture says nothing about a doctor", () => {
  assert.equal(needsDoctor(answer("mel", 0.9, REFUSED), student()), false);
});
