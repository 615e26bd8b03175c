import assert from "node:assert/strict";
import { test } from "node:test";
import { stretched } from "../../../src/answer/picture/heat.ts";

const heat = [
  [0, 1],
  [0.5, 0.5],
];

test("a cell's centre has its value, and between centres it is mixed", () => {
  assert.equal(stretched(heat, 0.75, 0.25), 1);
  assert.equal(stretched(heat, 0.5, 0.25), 0.5);
  assert.equal(stretched(heat, 0.75, 0.5), 0.75);
});

test("beyond the outer centres it stays level", () => {
  assert.equal(stretched(heat, 1, 0), 1);
  assert.equal(stretched(heat, 0, 0), 0);
});
