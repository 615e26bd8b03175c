// The same warnings as Python on pictures: tests/client/test_same_as_python.py.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkQuality } from "../../../src/engine/quality/check.ts";

const SIZE = 224;

/** A square of one grey, with every other pixel darker by `contrast`. */
const chequered = (grey: number, contrast: number): Uint8Array =>
  Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return grey - ((pixel + Math.floor(pixel / SIZE)) % 2) * contrast;
  });

const codes = (square: Uint8Array, shorterSide = SIZE): string[] =>
  checkQuality(square, SIZE, shorterSide, {}).map(({ code }) => code);

test("a sharp, well-lit picture has no warning", () => assert.deepEqual(codes(chequered(150, 20)), []));

test("a picture of one colour is blurred, a small one too small", () => {
  assert.deepEqual(codes(chequered(150, 0)), ["blurred"]);
  assert.deepEqual(codes(chequered(150, 20), SIZE - 1), ["too_small"]);
});

test("light has its limits", () => {
  assert.deepEqual(codes(chequered(60, 20)), ["too_dark"]);
  assert.deepEqual(codes(chequered(255, 10)), ["too_bright"]);
});

test("a warning says what the server says of its code", () => {
  assert.deepEqual(checkQuality(chequered(150, 0), SIZE, SIZE, { blurred: "Hold still." }), [
    { code: "blurred", message: "Hold still." },
  ]);
});
