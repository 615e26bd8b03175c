import assert from "node:assert/strict";
import { test } from "node:test";
import { pointsOf, REFERRED_FROM, SIGNS } from "../../src/checklist/checklist.ts";

test("the three major signs count double: any of them with a minor one refers, as do three minor ones", () => {
  assert.equal(pointsOf([]), 0);
  assert.equal(pointsOf(["size", "wide"]), REFERRED_FROM);
  assert.equal(pointsOf(["wide", "oozing", "sensation"]), REFERRED_FROM);
  assert.ok(pointsOf(["colour"]) < REFERRED_FROM);
  assert.equal(pointsOf(Object.keys(SIGNS) as (keyof typeof SIGNS)[]), 10);
});
