// Hair over the lesion: dark lines that run straight for long; the steps of inference/quality/hair.py.
import constants from "../../constants.ts";
import { SIDE } from "./lesion_region.ts";

const {
  angles_in_half_turn: COUNT,
  across_pixels: ACROSS,
  darker_by_grey: DARKER,
  reach_pixels: REACH,
  step_pixels: STEP,
  least_steps_on_line: NEEDED,
} = constants.hair;

/** Steps in pixels at one angle, as (rows down, columns right): to one side of a line, and along it. */
interface Angle {
  across: [number, number];
  along: [number, number][];
}

const ANGLES: Angle[] = Array.from({ length: COUNT }, (_, k) => {
  const angle = (k * Math.PI) / COUNT;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const steps = Array.from({ length: (2 * REACH) / STEP + 1 }, (_, i) => STEP * i - REACH);
  return {
    across: [halfUp(ACROSS * cosine), halfUp(-ACROSS * sine)],
    along: steps.map((t) => [halfUp(t * sine), halfUp(t * cosine)]),
  };
});

/**
 * Return the share of a region that hair covers, 0-1; 0 of an empty region.
 * @param grey `[size, size]`
 * @param region which cells are lesion; see lesion_region.ts
 */
export function hairOver(grey: Uint8Array, size: number, region: Uint8Array): number {
  const inside = placesInside(region, size);
  if (inside.length === 0) return 0;
  const wide = size + 2 * REACH;
  const padded = withMargin(grey, size);
  const hair = new Uint8Array(padded.length);
  for (const { across, along } of ANGLES) {
    const line = lines(padded, size, across[0] * wide + across[1]);
    const steps = Int32Array.from(along, ([dy, dx]) => dy * wide + dx);
    for (const place of inside) if (line[place] && isStraight(line, place, steps)) hair[place] = 1;
  }
  let covered = 0;
  for (const place of inside) covered += hair[place]!;
  return covered / inside.length;
}

/** Where the region's pixels lie in a picture with a margin. */
function placesInside(region: Uint8Array, size: number): number[] {
  const places: number[] = [];
  const cell = (i: number): number => Math.floor((i * SIDE) / size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) if (region[cell(y) * SIDE + cell(x)]) places.push(placeOf(y, x, size));
  }
  return places;
}

/** Surround a picture by as much as is looked at, of the nearest edge pixel, so that no look falls outside. */
function withMargin(grey: Uint8Array, size: number): Uint8Array {
  const wide = size + 2 * REACH;
  const padded = new Uint8Array(wide * wide);
  const clamped = (i: number): number => Math.min(Math.max(i - REACH, 0), size - 1);
  for (let y = 0, place = 0; y < wide; y++) {
    for (let x = 0; x < wide; x++) padded[place++] = grey[clamped(y) * size + clamped(x)]!;
  }
  return padded;
}

/** Mark what is darker than both sides, and the next pixel to the right and below, since lines wobble. */
function lines(padded: Uint8Array, size: number, across: number): Uint8Array {
  const wide = size + 2 * REACH;
  const line = new Uint8Array(padded.length);
  for (let y = 0; y < size; y++) {
    const start = placeOf(y, 0, size);
    for (let place = start; place < start + size; place++) {
      if (Math.min(padded[place + across]!, padded[place - across]!) - DARKER <= padded[place]!) continue;
      line[place] = line[place + 1] = line[place + wide] = line[place + wide + 1] = 1;
    }
  }
  // Nothing outside the picture is on a line.
  line.fill(0, placeOf(size, 0, size));
  for (let y = 0; y < size; y++) line[placeOf(y, size, size)] = 0;
  return line;
}

function isStraight(line: Uint8Array, place: number, steps: Int32Array): boolean {
  let met = 0;
  for (let i = 0; i < steps.length; i++) met += line[place + steps[i]!]!;
  return met >= NEEDED;
}

const placeOf = (y: number, x: number, size: number): number => (y + REACH) * (size + 2 * REACH) + x + REACH;

/** Round half up, after rounding to nine decimals. */
function halfUp(value: number): number {
  return Math.floor(Number(value.toFixed(9)) + 0.5);
}
