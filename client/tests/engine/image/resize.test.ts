// Pixel by pixel the same as Python: tests/client/test_same_as_python.py. Here, what can be worked out by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pixels } from "../../../src/engine/image/pixels.ts";
import { squash } from "../../../src/engine/image/resize.ts";

/** A grey picture in strips of one row. */
function grey(rows: number[][]): Pixels {
  const strips = rows.map((row) => ({
    rows: 1,
    rgba: Uint8ClampedArray.from(row.flatMap((value) => [value, value, value, 255])),
  }));
  return { width: rows[0]!.length, height: rows.length, strips: () => strips };
}

/** The first channel of a square. */
const first = (square: Uint8Array): number[] => Array.from(square).filter((_, i) => i % 3 === 0);

test("a whole factor is the mean of its block, half up for four pixels", () => {
  const square = squash(
    grey([
      [0, 1, 10, 10],
      [1, 0, 10, 10],
      [7, 7, 0, 0],
      [7, 7, 0, 255],
    ]),
    2,
  );
  assert.deepEqual(first(square), [1, 10, 7, 64]);
});

test("a pixel counts by the share of it that is covered", () => {
  // Three to two: each new pixel covers one and a half of the old ones.
  const square = squash(
    grey([
      [0, 90, 30],
      [0, 90, 30],
      [0, 90, 30],
    ]),
    2,
  );
  assert.deepEqual(first(square), [30, 50, 30, 50]);
});

test("a picture of the right size stays as it is", () => {
  assert.deepEqual(
    first(
      squash(
        grey([
          [1, 2],
          [3, 4],
        ]),
        2,
      ),
    ),
    [1, 2, 3, 4],
  );
});

test("a picture of one colour stays of that colour, larger and smaller", () => {
  for (const [width, height] of [
    [3, 2],
    [5, 11],
    [1, 20],
  ] as const) {
    const square = squash(grey(Array.from({ length: height }, () => Array<number>(width).fill(77))), 4);
    assert.deepEqual(new Set(square), new Set([77]));
  }
});
