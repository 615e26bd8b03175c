import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { choosePoint, chosenPoint, operatingPoints } from "../../src/answer/operating_point.ts";
import { operatingPoint, student } from "../made_up.ts";

test("the cautious threshold is used, least sensitive first", () => {
  const points = operatingPoints(student()).map(({ sensitivity, threshold }) => [sensitivity, threshold]);
  assert.deepEqual(points, [
    [0.9, 0.3],
    [0.95, 0.1],
  ]);
});

test("a point for melanoma alone cannot be chosen", () => {
  const mel = { ...operatingPoint(0.98, 0.1), target: "melanoma" as const };
  assert.deepEqual(operatingPoints(student({ operating_points: [mel] })), []);
  assert.equal(chosenPoint(student({ operating_points: [mel] })), null);
});

test("at first it is 95 %, then what was chosen, or the bundle's nearest to it", () => {
  assert.equal(chosenPoint(student())!.sensitivity, 0.95);
  choosePoint(operatingPoint(0.9, 0.6));
  assert.equal(chosenPoint(student())!.sensitivity, 0.9);
  const others = student({ operating_points: [operatingPoint(0.98, 0.05), operatingPoint(0.85, 0.5)] });
  assert.equal(chosenPoint(others)!.sensitivity, 0.85);
});
