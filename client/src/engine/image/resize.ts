// Squash pixels to a square as Python does (imaging/resize.py: OpenCV's INTER_AREA), so that the student sees
// the same numbers in a browser. It takes the mean of the area that each new pixel covers, or is bilinear
// where a side grows.
import { enlarge } from "./enlarge.ts";
import type { Pixels } from "./pixels.ts";

// OpenCV computes in 32 bits; so that no pixel is rounded the other way, this does, too.
const { fround } = Math;

/** Where one side is read: output `i` is the sum over `k` of `weights[starts[i] + k] * source[firsts[i] + k]`. */
interface Side {
  firsts: Int32Array;
  starts: Int32Array;
  weights: Float32Array;
}

/** Return the model's input: RGB, 0-255, `[size, size, 3]`. */
export function squash(picture: Pixels, size: number): Uint8Array<ArrayBuffer> {
  const { width, height } = picture;
  return width >= size && height >= size ? shrink(picture, size) : enlarge(picture, size);
}

function shrink(picture: Pixels, size: number): Uint8Array<ArrayBuffer> {
  const { width, height } = picture;
  // For whole factors OpenCV adds the block up and divides once; otherwise each pixel counts by its share.
  const whole = width % size === 0 && height % size === 0;
  const across = covered(width, size, whole);
  const down = covered(height, size, whole);
  const sums = new Float32Array(size * size * 3);
  const line = new Float32Array(size * 3);
  let y = 0;
  let first = 0; // no output row above this one needs the source's row y or a later one
  for (const { rows, rgba } of picture.strips()) {
    for (let row = 0; row < rows; row++, y++) {
      shrinkRow(rgba, row * width * 4, across, line);
      while (down.firsts[first]! + count(down, first) <= y) first++;
      for (let out = first; out < size && down.firsts[out]! <= y; out++) {
        const weight = down.weights[down.starts[out]! + y - down.firsts[out]!]!;
        const to = out * line.length;
        for (let i = 0; i < line.length; i++) sums[to + i]! += fround(weight * line[i]!);
      }
    }
  }
  if (whole) divide(sums, (width * height) / (size * size));
  // A byte array rounds towards zero; by now every value is whole.
  return new Uint8Array(sums.map(halfToEven));
}

function shrinkRow(rgba: Uint8ClampedArray, start: number, side: Side, line: Float32Array): void {
  const { firsts, starts, weights } = side;
  for (let out = 0; out < firsts.length; out++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let from = start + firsts[out]! * 4;
    for (let k = starts[out]!; k < starts[out + 1]!; k++, from += 4) {
      const weight = weights[k]!;
      red = fround(red + fround(weight * rgba[from]!));
      green = fround(green + fround(weight * rgba[from + 1]!));
      blue = fround(blue + fround(weight * rgba[from + 2]!));
    }
    line[3 * out] = red;
    line[3 * out + 1] = green;
    line[3 * out + 2] = blue;
  }
}

/** Weigh the source's pixels by the share of each output pixel that they cover; by 1 if `whole`. */
function covered(source: number, size: number, whole: boolean): Side {
  const scale = source / size;
  const firsts = new Int32Array(size);
  const starts = new Int32Array(size + 1);
  const weights: number[] = [];
  for (let out = 0; out < size; out++) {
    const [begin, end] = [out * scale, (out + 1) * scale];
    const area = Math.min(scale, source - begin);
    const last = Math.min(Math.floor(end), source - 1);
    const inner = Math.min(Math.ceil(begin), last);
    const before = inner - begin > 1e-3; // OpenCV takes thinner slivers for rounding errors
    firsts[out] = before ? inner - 1 : inner;
    if (before) weights.push((inner - begin) / area);
    for (let i = inner; i < last; i++) weights.push(whole ? 1 : 1 / area);
    if (end - last > 1e-3) weights.push(whole ? 1 : Math.min(end - last, 1, area) / area);
    starts[out + 1] = weights.length;
  }
  return { firsts, starts, weights: Float32Array.from(weights) };
}

const count = (side: Side, out: number): number => side.starts[out + 1]! - side.starts[out]!;

/** Divide sums of whole blocks as OpenCV does: four pixels are rounded half up, others half to even. */
function divide(sums: Float32Array, block: number): void {
  const share = fround(1 / block);
  for (let i = 0; i < sums.length; i++) sums[i] = block === 4 ? (sums[i]! + 2) >> 2 : sums[i]! * share;
}

// Adding and taking away 1.5 * 2^52 leaves no room for a fraction, so the processor rounds.
const halfToEven = (value: number): number => value + 6755399441055744 - 6755399441055744;
