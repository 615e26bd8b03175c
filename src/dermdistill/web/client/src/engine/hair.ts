// Hair over the lesion: dark lines that run straight for long; the steps and numbers of inference/hair.py.
import { SIDE } from "./lesion_region";

const [ACROSS, DARKER] = [4, 14];
const [REACH, NEEDED] = [17, 14];

/** Offsets in pixels at one angle: to one of the two sides of a line, and along it. */
interface Angle {
  across: [number, number];
  along: [number, number][];
}

const ANGLES: Angle[] = Array.from({ length: 8 }, (_, k) => {
  const angle = (k * Math.PI) / 8;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const steps = Array.from({ length: REACH + 1 }, (_, i) => 2 * i - REACH);
  return {
    across: [halfUp(ACROSS * cosine), halfUp(-ACROSS * sine)],
    along: steps.map((t) => [halfUp(t * sine), halfUp(t * cosine)]),
  };
});

/**
 * Return the share of a region that hair covers, 0-1; 0 of an empty region.
 * @param grey `[size, size]`
 * @param region which of 56 x 56 cells are lesion
 */
export function hairOver(grey: Uint8Array, size: number, region: Uint8Array): number {
  const cell = (i: number): number => Math.floor((i * SIDE) / size);
  const inside: number[] = [];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) if (region[cell(y) * SIDE + cell(x)]) inside.push(y * size + x);
  }
  if (inside.length === 0) return 0;
  const hair = new Uint8Array(grey.length);
  for (const angle of ANGLES) {
    const line = lines(grey, size, angle.across);
    for (const place of inside) if (line[place] && isStraight(line, size, place, angle.along)) hair[place] = 1;
  }
  return hair.reduce((sum, pixel) => sum + pixel, 0) / inside.length;
}

/** Mark what is darker than both sides, and the next pixel to the right and below, since lines wobble. */
function lines(grey: Uint8Array, size: number, [dy, dx]: [number, number]): Uint8Array {
  const line = new Uint8Array(grey.length);
  const clamped = (i: number): number => (i < 0 ? 0 : i < size ? i : size - 1);
  for (let y = 0; y < size; y++) {
    const [above, below] = [clamped(y + dy) * size, clamped(y - dy) * size];
    for (let x = 0; x < size; x++) {
      const limit = Math.min(grey[above + clamped(x + dx)]!, grey[below + clamped(x - dx)]!) - DARKER;
      if (limit <= grey[y * size + x]!) continue;
      const [right, down] = [x + 1 < size ? 1 : 0, y + 1 < size ? size : 0];
      const place = y * size + x;
      line[place] = line[place + right] = line[place + down] = line[place + down + right] = 1;
    }
  }
  return line;
}

function isStraight(line: Uint8Array, size: number, place: number, along: [number, number][]): boolean {
  const [row, column] = [Math.floor(place / size), place % size];
  let met = 0;
  for (const [dy, dx] of along) {
    const [y, x] = [row + dy, column + dx];
    if (y >= 0 && y < size && x >= 0 && x < size) met += line[y * size + x]!;
  }
  return met >= NEEDED;
}

/** Round half up, after rounding to nine decimals. */
function halfUp(value: number): number {
  return Math.floor(Number(value.toFixed(9)) + 0.5);
}
