// Where the lesion roughly is, by colour alone; the steps of inference/quality/lesion_region.py, which says why.
import constants from "../../constants.ts";
import type { Pixels } from "../image/pixels.ts";
import { squash } from "../image/resize.ts";

const numbers = constants.lesion_region;
export const SIDE = numbers.side_cells;
const CORNER = numbers.corner_cells;
const MIDDLE = (SIDE - 1) / 2;
const CELLS = SIDE * SIDE;
const { fround } = Math;

/**
 * Return which of 56 x 56 cells are lesion; none where nothing stands out.
 * @param square RGB `[size, size, 3]`
 */
export function lesionRegion(square: Uint8Array, size: number): Uint8Array {
  const small = squash(pixelsOf(square, size), SIDE);
  const outside = new Uint8Array(CELLS).map((_, i) =>
    Math.max(small[3 * i]!, small[3 * i + 1]!, small[3 * i + 2]!) >= numbers.ring_below_channel ? 1 : 0,
  );
  const pigment = blurred(pigmentOf(small));
  const whole = outside.reduce((sum, cell) => sum + cell, 0) < numbers.least_cells_outside_ring;
  const counted = (_: number, i: number): boolean => whole || outside[i] === 1;
  const sorted = pigment.filter(counted).sort();
  const low = sorted[Math.floor(numbers.low_quantile * (sorted.length - 1))]!;
  const range = fround(sorted[Math.floor(numbers.high_quantile * (sorted.length - 1))]! - low);
  if (range < numbers.least_contrast) return new Uint8Array(CELLS);
  const scaled = pigment.map((value) => fround(fround(value - low) / range) * 255);
  const levels = new Uint8Array(scaled.map((value) => Math.min(Math.max(value, 0), 255)));
  const threshold = otsu(levels.filter(counted));
  return central(levels.map((level, i) => (level > threshold ? outside[i]! : 0)));
}

/** Share of each side that the lesion reaches, one cell inside the edge, without the corners; largest first. */
export function sidesTouched(region: Uint8Array): number[] {
  const along = SIDE - 2 * CORNER;
  const share = (cell: (i: number) => number): number => {
    let reached = 0;
    for (let i = CORNER; i < CORNER + along; i++) reached += region[cell(i)]!;
    return reached / along;
  };
  const far = SIDE - 2;
  return [
    share((x) => SIDE + x),
    share((x) => far * SIDE + x),
    share((y) => y * SIDE + 1),
    share((y) => y * SIDE + far),
  ].sort((a, b) => b - a);
}

function pixelsOf(square: Uint8Array, size: number): Pixels {
  const rgba = new Uint8ClampedArray(size * size * 4);
  for (let from = 0, to = 0; from < square.length; to += 4) {
    rgba[to] = square[from++]!;
    rgba[to + 1] = square[from++]!;
    rgba[to + 2] = square[from++]!;
  }
  return { width: size, height: size, strips: () => [{ rows: size, rgba }] };
}

/** Melanin and blood take blue before red; uneven light takes both alike. */
function pigmentOf(small: Uint8Array): Float32Array {
  const log = (channel: number): number => fround(Math.log(channel + numbers.channel_offset_before_log));
  return new Float32Array(CELLS).map((_, i) => {
    const [red, green, blue] = [log(small[3 * i]!), log(small[3 * i + 1]!), log(small[3 * i + 2]!)];
    return fround(red - blue) - fround(green / numbers.green_log_divisor);
  });
}

/** The mean over 3 x 3, mirrored at the edge without repeating it. */
function blurred(values: Float32Array): Float32Array {
  const mirrored = (i: number): number => (i < 0 ? -i : i < SIDE ? i : 2 * SIDE - 2 - i);
  return values.map((_, i) => {
    const [y, x] = [Math.floor(i / SIDE), i % SIDE];
    let sum = 0;
    for (const row of [y - 1, y, y + 1]) {
      for (const column of [x - 1, x, x + 1]) sum += values[mirrored(row) * SIDE + mirrored(column)]!;
    }
    return sum / 9;
  });
}

/** The level up to which values differ least among themselves on either side (Otsu 1979). */
function otsu(levels: Uint8Array): number {
  const counts = new Float64Array(256);
  for (const level of levels) counts[level]! += 1 / levels.length;
  const mean = counts.reduce((sum, share, level) => sum + level * share, 0);
  let [best, threshold, below, sum] = [0, 0, 0, 0];
  counts.forEach((share, level) => {
    below += share;
    sum += level * share;
    if (Math.min(below, 1 - below) < 1.2e-7) return;
    const spread = below * (1 - below) * (sum / below - (mean - sum) / (1 - below)) ** 2;
    if (spread > best) [best, threshold] = [spread, level];
  });
  return threshold;
}

/** Of the regions joined by their sides, keep the one that lies most in the middle. */
function central(cells: Uint8Array): Uint8Array {
  const left = cells.slice();
  let [most, kept]: [number, number[]] = [0, []];
  for (let start = 0; start < CELLS; start++) {
    if (!left[start]) continue;
    const found = [start];
    left[start] = 0;
    let weight = 0;
    for (const cell of found) {
      const [y, x] = [Math.floor(cell / SIDE), cell % SIDE];
      weight += Math.exp(-((y - MIDDLE) ** 2 + (x - MIDDLE) ** 2) / (2 * numbers.central_sigma_cells ** 2));
      const beside = [x > 0 && cell - 1, x < SIDE - 1 && cell + 1, y > 0 && cell - SIDE, y < SIDE - 1 && cell + SIDE];
      for (const next of beside) {
        if (next === false || !left[next]) continue;
        left[next] = 0;
        found.push(next);
      }
    }
    if (weight > most) [most, kept] = [weight, found];
  }
  const region = new Uint8Array(CELLS);
  for (const cell of kept) region[cell] = 1;
  return region;
}
