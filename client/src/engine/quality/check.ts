// Look at a photograph as a photographer would; the checks of inference/quality/check.py.
import constants from "../../constants.ts";
import type { Quality } from "../../generated/predict_answer.ts";
import { hairOver } from "./hair.ts";
import { lesionRegion, sidesTouched } from "./lesion_region.ts";

const limits = constants.quality;

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
): Quality[] {
  const grey = greyOf(square);
  const { mean, litMean, black, white } = brightness(grey);
  const region = lesionRegion(square, size);
  const checks: Record<Quality["code"], boolean> = {
    too_small: shorterSide < size,
    blurred: sharpness(grey, size) < limits.least_laplacian_variance,
    too_dark: litMean < limits.least_mean_grey_of_lit_pixels || black > limits.most_black_share,
    too_bright: mean > limits.most_mean_grey || white > limits.most_white_share,
    out_of_frame: isCutOff(region),
    hair: hairOver(grey, size, region) > limits.most_hair_share_of_lesion,
  };
  return (Object.keys(checks) as Quality["code"][])
    .filter((code) => checks[code])
    .map((code) => ({ code, message: messages[code] ?? code }));
}

function isCutOff(region: Uint8Array): boolean {
  const [most, next, third] = sidesTouched(region);
  return (
    most! >= limits.cut_off_least_share_of_most_touched_side &&
    next! <= limits.cut_off_most_share_of_second_side &&
    third! <= limits.cut_off_most_share_of_third_side
  );
}

/** OpenCV's grey: weights of 15 bits. */
function greyOf(square: Uint8Array): Uint8Array {
  const grey = new Uint8Array(square.length / 3);
  for (let i = 0, from = 0; i < grey.length; i++, from += 3) {
    grey[i] = (square[from]! * 9798 + square[from + 1]! * 19235 + square[from + 2]! * 3735 + 16384) >> 15;
  }
  return grey;
}

/** The mean, that of what is not nearly black, and the shares of nearly black and nearly white pixels. */
function brightness(grey: Uint8Array): { mean: number; litMean: number; black: number; white: number } {
  let [sum, litSum, lit, white] = [0, 0, 0, 0];
  for (let i = 0; i < grey.length; i++) {
    const value = grey[i]!;
    sum += value;
    if (value >= limits.black_below_grey) {
      lit++;
      litSum += value;
    }
    if (value > limits.white_above_grey) white++;
  }
  const pixels = grey.length;
  return { mean: sum / pixels, litMean: litSum / Math.max(lit, 1), black: 1 - lit / pixels, white: white / pixels };
}

/**
 * The variance of the Laplacian: the four neighbours less four times the pixel. Beyond the border the picture is
 * mirrored about its last row.
 */
function sharpness(grey: Uint8Array, size: number): number {
  const last = size - 1;
  let [sum, squares] = [0, 0];
  for (let y = 0; y < size; y++) {
    const row = y * size;
    const above = y > 0 ? row - size : row + size;
    const below = y < last ? row + size : row - size;
    for (let x = 0; x < size; x++) {
      const left = x > 0 ? x - 1 : 1;
      const right = x < last ? x + 1 : last - 1;
      const beside = grey[above + x]! + grey[below + x]! + grey[row + left]! + grey[row + right]!;
      const edge = beside - 4 * grey[row + x]!;
      sum += edge;
      squares += edge * edge;
    }
  }
  return squares / grey.length - (sum / grey.length) ** 2;
}
