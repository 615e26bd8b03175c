// Look at a photograph as a photographer would; the checks and thresholds of inference/quality.py.
import { hairOver } from "./hair";
import { lesionRegion, sidesTouched } from "./lesion_region";
import type { QualityWarning } from "./types";

const SHARPNESS = 15;
const [DARK_MEAN, BRIGHT_MEAN] = [60, 235];
const [BLACK, WHITE, CLIPPED_SHARE] = [20, 250, 0.3];
const [MOST_TOUCHED, NEXT_TOUCHED, THIRD_TOUCHED] = [0.25, 0.5, 0];
const HAIR = 0.02;

/**
 * Return the warnings that apply.
 * @param square the model's input, RGB `[size, size, 3]`
 * @param shorterSide of the photograph before resizing, pixels
 * @param messages what to say, by code, as the server gives it
 */
export function checkQuality(
  square: Uint8Array,
  size: number,
  shorterSide: number,
  messages: Record<string, string>,
): QualityWarning[] {
  const grey = greyOf(square);
  const mean = meanOf(grey);
  const region = lesionRegion(square, size);
  const share = (test: (value: number) => boolean): number => grey.filter(test).length / grey.length;
  const checks: Record<string, boolean> = {
    too_small: shorterSide < size,
    blurred: varianceOf(laplacian(grey, size)) < SHARPNESS,
    too_dark: mean < DARK_MEAN || share((value) => value < BLACK) > CLIPPED_SHARE,
    too_bright: mean > BRIGHT_MEAN || share((value) => value > WHITE) > CLIPPED_SHARE,
    out_of_frame: isCutOff(region),
    hair: hairOver(grey, size, region) > HAIR,
  };
  return Object.entries(checks)
    .filter(([, wrong]) => wrong)
    .map(([code]) => ({ code, message: messages[code] ?? code }));
}

function isCutOff(region: Uint8Array): boolean {
  const [most, next, third] = sidesTouched(region);
  return most! >= MOST_TOUCHED && next! <= NEXT_TOUCHED && third! <= THIRD_TOUCHED;
}

/** OpenCV's grey: weights of 15 bits. */
function greyOf(square: Uint8Array): Uint8Array {
  const grey = new Uint8Array(square.length / 3);
  for (let i = 0, from = 0; i < grey.length; i++, from += 3) {
    grey[i] = (square[from]! * 9798 + square[from + 1]! * 19235 + square[from + 2]! * 3735 + 16384) >> 15;
  }
  return grey;
}

/** The four neighbours less four times the pixel; beyond the border the picture is mirrored about its last row. */
function laplacian(grey: Uint8Array, size: number): Float32Array {
  const mirrored = (i: number): number => (i < 0 ? -i : i < size ? i : 2 * size - 2 - i);
  const edges = new Float32Array(grey.length);
  for (let y = 0; y < size; y++) {
    const [above, row, below] = [mirrored(y - 1) * size, y * size, mirrored(y + 1) * size];
    for (let x = 0; x < size; x++) {
      const [left, right] = [mirrored(x - 1), mirrored(x + 1)];
      edges[row + x] =
        grey[above + x]! + grey[below + x]! + grey[row + left]! + grey[row + right]! - 4 * grey[row + x]!;
    }
  }
  return edges;
}

function meanOf(values: Uint8Array | Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function varianceOf(values: Float32Array): number {
  const mean = meanOf(values);
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return sum / values.length;
}
