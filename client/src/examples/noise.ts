// Smooth noise that is the same everywhere and always: a pure function of place and seed.

/** Value noise of one scale, 0-1; `x` and `y` in cells. */
export function noise(x: number, y: number, seed: number): number {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [smooth(x - column), smooth(y - row)];
  const upper = mix(lattice(column, row, seed), lattice(column + 1, row, seed), u);
  const lower = mix(lattice(column, row + 1, seed), lattice(column + 1, row + 1, seed), u);
  return mix(upper, lower, v);
}

/** Noise of several scales, each half as large and half as strong as the one before, 0-1. */
export function cloud(x: number, y: number, seed: number, scales = 4): number {
  let sum = 0;
  let most = 0;
  for (let i = 0; i < scales; i++) {
    sum += noise(x * 2 ** i, y * 2 ** i, seed + i) / 2 ** i;
    most += 1 / 2 ** i;
  }
  return sum / most;
}

export const mix = (a: number, b: number, share: number): number => a + (b - a) * share;

export const smooth = (t: number): number => t * t * (3 - 2 * t);

/** 0 below `from`, 1 above `to`, smooth between. */
export const step = (from: number, to: number, value: number): number =>
  smooth(Math.min(Math.max((value - from) / (to - from), 0), 1));

/** A hash of a lattice point (Wang's integer hash), 0-1. */
function lattice(x: number, y: number, seed: number): number {
  let hash = Math.imul(x, 374761393) ^ Math.imul(y, 668265263) ^ Math.imul(seed, 2246822519);
  hash = Math.imul(hash ^ (hash >>> 13), 1274126177);
  hash ^= hash >>> 16;
  return (hash >>> 0) / 2 ** 32;
}
