import assert from "node:assert/strict";
import { test } from "node:test";
import { moved, turnedBox, whole } from "../../src/adjust/cropping.ts";

const size = { width: 300, height: 400 };
const box = { left: 50, top: 60, right: 150, bottom: 160 };

test("the frame moves whole and stays in the picture", () => {
  assert.deepEqual(moved(box, "frame", 10, -10, size, 32), { left: 60, top: 50, right: 160, bottom: 150 });
  assert.deepEqual(moved(box, "frame", -999, 999, size, 32), { left: 0, top: 300, right: 100, bottom: 400 });
});

test("a corner moves its two sides, within the picture and not below the least size", () => {
  assert.deepEqual(moved(box, "se", 20, 30, size, 32), { ...box, right: 170, bottom: 190 });
  assert.deepEqual(moved(box, "nw", 999, 999, size, 32), { ...box, left: 118, top: 128 });
  assert.deepEqual(moved(box, "ne", 999, -999, size, 32), { ...box, right: 300, top: 0 });
});

test("four quarter turns are none", () => {
  assert.deepEqual(turnedBox(box, size), { left: 240, top: 50, right: 340, bottom: 150 });
  let [turned, now] = [box, size];
  for (let i = 0; i < 4; i++) [turned, now] = [turnedBox(turned, now), { width: now.height, height: now.width }];
  assert.deepEqual(turned, box);
});

test("the whole picture is a box, too", () =>
  assert.deepEqual(whole(size), { left: 0, top: 0, right: 300, bottom: 400 }));
