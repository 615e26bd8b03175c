import "../english.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { chooseSensitivity, chosenSensitivity, missedMelanomas, sensitivities, thresholdsAt } from "../../src/assessment/operating_point.ts";
import { byUrgency, told } from "../../src/assessment/told.ts";
import { readVisit } from "../../src/cases/case.ts";
import { answer, operatingPoint, REFUSED, student, visit } from "../made_up.ts";

// Cautious thresholds: 0.1 at 95 %, 0.3 at 90 %.
const BETWEEN = answer("nv", 0.2);

beforeEach(() => chooseSensitivity(0.95));

test("the usual sensitivity is 95 %, and the cautious threshold counts", () => {
  assert.deepEqual(sensitivities(student()), [0.9, 0.95]);
  assert.equal(chosenSensitivity(student()), 0.95);
  assert.deepEqual(thresholdsAt(student(), 0.95), { sensitivity: 0.95, malignant: 0.1, melanoma: null });
});

test("a sensitivity that a bundle lacks becomes its next more sensitive one", () => {
  const points = [operatingPoint(0.9, 0.6), operatingPoint(0.98, 0.1)];
  assert.equal(chosenSensitivity(student({ operating_points: points })), 0.98);
  assert.equal(chosenSensitivity(student({ operating_points: [] })), null);
});

test("what was measured belongs to the sensitivity", () => {
  assert.equal(missedMelanomas(student(), 0.95)?.per_100, 7.1429);
  assert.equal(missedMelanomas(student(), 0.5), null);
});

test("an alarm told at 95 % stands after 90 % was chosen, and says at what it was told", () => {
  const before = told(BETWEEN, student(), null);
  assert.equal(before.level, "see_doctor");
  chooseSensitivity(0.9);
  assert.equal(told(BETWEEN, student(), null).level, "no_sign");
  const after = told(BETWEEN, student(), before);
  assert.deepEqual([after.level, after.sensitivity], ["see_doctor", 0.95]);
});

test("more sensitivity raises an alarm that was not told before", () => {
  chooseSensitivity(0.9);
  const before = told(BETWEEN, student(), null);
  chooseSensitivity(0.95);
  assert.equal(told(BETWEEN, student(), before).level, "see_doctor");
});

test("a picture saved without an assessment counts as told at 95 %", () => {
  chooseSensitivity(0.9);
  assert.equal(readVisit(visit("2026-03-01", BETWEEN)).told.level, "see_doctor");
});

test("an alarm stands where the detector refuses", () => {
  assert.equal(told(answer("mel", 0.95, REFUSED), student(), null).level, "see_doctor");
  assert.equal(told(answer("nv", 0.01, REFUSED), student(), null).level, "cannot_judge");
});

test("alarms come first, then what is unclear", () => {
  const levels = ["no_sign", "cannot_judge", "see_doctor", "unclear"] as const;
  const sorted = levels.map((level) => ({ level, reasons: [], classes: [], sensitivity: 0.95 })).sort(byUrgency);
  assert.deepEqual(sorted.map(({ level }) => level), ["see_doctor", "unclear", "cannot_judge", "no_sign"]);
});
