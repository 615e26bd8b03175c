import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { allOf, anyOf, apart, moments, percent, points, wholePercent } from "../../src/words/numbers.ts";

test("a probability has one digit, and what is smaller is said to be", () => {
  assert.equal(percent(0.1234), "12.3 %");
  assert.equal(percent(1), "100.0 %");
  assert.equal(percent(0), "0.0 %");
  assert.equal(percent(0.0004), "< 0.1 %");
  assert.equal(percent(0.001), "0.1 %");
});

test("two probabilities have as many digits as tell them apart, and no more than they were given with", () => {
  assert.deepEqual(apart(0.2, 0.1), ["20.0 %", "10.0 %"]);
  assert.deepEqual(apart(0.1234, 0.1232), ["12.34 %", "12.32 %"]);
  assert.deepEqual(apart(0.12342, 0.12338), ["12.342 %", "12.338 %"]);
  assert.deepEqual(apart(0.123401, 0.123402), ["12.3401 %", "12.3402 %"]);
  assert.deepEqual(apart(0.1234001, 0.1234002), ["12.3400 %", "12.3400 %"]);
  assert.deepEqual(apart(0.1, 0.1), ["10.0 %", "10.0 %"]);
});

test("a change has its sign, a fall a real minus", () => {
  assert.equal(points(0.49), "+49.0");
  assert.equal(points(-0.49), "\u221249.0");
  assert.equal(points(0), "0.0");
});

test("a share that was set has no digits", () => assert.equal(wholePercent(0.95), "95 %"));

test("moments are told by the day, by the time only where two would read the same", () => {
  const at = (time: string): string => `2026-03-01T${time}.000Z`;
  assert.deepEqual(moments([at("12:00:00"), "2026-05-01T12:00:00.000Z"]), ["Mar 1, 2026", "May 1, 2026"]);
  const byTime = moments([at("12:00:00"), at("12:30:00")]);
  assert.equal(new Set(byTime).size, 2);
  assert.match(byTime[0]!, /:00/);
  assert.equal(new Set(moments([at("12:00:00"), at("12:00:30")])).size, 2);
});

test("lists are read as sentences", () => {
  assert.equal(allOf(["a", "b", "c"]), "a, b, and c");
  assert.equal(anyOf(["a", "b"]), "a or b");
});
