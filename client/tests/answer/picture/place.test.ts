import assert from "node:assert/strict";
import { test } from "node:test";
import { moved, START, zoomed } from "../../../src/answer/picture/place.ts";

test("what lies under the fingers stays there", () => {
  const place = zoomed(START, 2, 0.25, 0.5);
  // A quarter across of the frame showed a quarter of the picture, and still does.
  assert.equal((0.25 - place.x) / place.scale, 0.25);
  assert.equal((0.5 - place.y) / place.scale, 0.5);
});

test("the picture always covers the frame", () => {
  const place = moved(zoomed(START, 2, 0.5, 0.5), 5, -5);
  assert.deepEqual(place, { scale: 2, x: 0, y: -1 });
  assert.deepEqual(zoomed(place, 0.01, 0.9, 0.1), START);
  assert.deepEqual(moved(START, 0.3, 0.3), START);
});
