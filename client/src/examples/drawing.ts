// Pictures drawn by formulas alone, so that the page can be tried without a photograph of anybody: they show nobody's
// skin, and the same pixels come out in every browser.
import { cloud, mix, noise, step } from "./noise.ts";

export const EXAMPLES = ["mole", "melanoma", "keratosis", "object"] as const;
export type Example = (typeof EXAMPLES)[number];

type Colour = readonly [number, number, number];
/** The colour at a place: `x` from -2/3 to 2/3, `y` from -1/2 to 1/2. */
type Drawing = (x: number, y: number) => Colour;

export const WIDTH = 600;
export const HEIGHT = 450;

/** The pixels of an example, RGBA, row after row. */
export function drawn(example: Example, width = WIDTH, height = HEIGHT): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const colour = DRAWINGS[example]((column + 0.5 - width / 2) / height, (row + 0.5) / height - 0.5);
      pixels.set([...colour, 255], 4 * (row * width + column));
    }
  }
  return pixels;
}

// The numbers were tried out until the shipped student answers as the picture means to show; tests hold that.
const DRAWINGS: Record<Example, Drawing> = {
  /** Round, even, one colour with a fine network. */
  mole: (x, y) => {
    const inside = lesion(x, y, { radius: 0.235, ragged: 0.091, soft: 0.089, seed: 17 });
    const brown = blend([176, 86, 48], [109, 80, 50], 0.67 * network(x, y, 39, 12));
    const middle = blend(brown, [96, 56, 40], 0.36 * step(0.158, 0.02, Math.hypot(x, y)));
    return blend(skin(x, y, [212, 159, 167], 1), middle, inside);
  },
  /** Ragged, lopsided, of several colours. */
  melanoma: (x, y) => {
    const inside = lesion(x, y, { radius: 0.274, ragged: 0.307, soft: 0.03, seed: 14 });
    const dark = blend([146, 61, 50], [38, 27, 30], step(0.374, 0.598, cloud(x * 3.59 + 3, y * 3.59, 34)));
    const veil = blend(dark, [98, 116, 145], 0.634 * step(0.5, 0.7, cloud(x * 5 + 9, y * 5, 37)));
    const red = blend(veil, [164, 84, 78], 0.713 * step(0.56, 0.72, cloud(x * 5, y * 5 + 7, 41)));
    return blend(skin(x, y, [222, 173, 165], 2), blend(red, [44, 30, 28], 0.26 * network(x, y, 32, 31)), inside);
  },
  /** Yellow-brown, with pale dots and furrows. */
  keratosis: (x, y) => {
    const inside = lesion(x, y, { radius: 0.262, ragged: 0.258, soft: 0.045, seed: 15 });
    const base = blend([208, 137, 105], [147, 114, 91], step(0.35, 0.7, cloud(x * 5.61, y * 5.61, 47)));
    const furrows = blend(base, [131, 99, 56], 0.496 * step(0.616, 0.817, noise(x * 29, y * 29, 53)));
    const dots = blend(furrows, [226, 204, 172], 0.808 * step(0.76, 0.86, noise(x * 23 + 4, y * 23, 59)));
    return blend(skin(x, y, [234, 162, 172], 3), dots, inside);
  },
  /** No skin: a cup on a table. */
  object: (x, y) => {
    const board = blend([60, 150, 70], [30, 110, 50], step(0.35, 0.65, noise(x * 2.54, y * 47, 61)));
    const far = Math.hypot(x, y);
    const handle = step(0.02, 0.012, Math.abs(Math.hypot(x - 0.291, y) - 0.1) - 0.018) * step(0.231, 0.251, far);
    const cup = blend(board, [240, 240, 240], Math.max(step(0.261, 0.253, far), handle));
    const coffee = blend(cup, [64, 40, 26], step(0.231, 0.221, far));
    return blend(coffee, [250, 250, 250], 0.7 * step(0.06, 0.03, Math.hypot(x + 0.08, y + 0.1)));
  },
};

interface Shape {
  radius: number;
  /** How far the edge strays, as a share of the radius. */
  ragged: number;
  /** How wide the edge is. */
  soft: number;
  seed: number;
}

/** How much of a place is lesion, 0-1. */
function lesion(x: number, y: number, { radius, ragged, soft, seed }: Shape): number {
  const far = Math.hypot(x * 0.92, y);
  const edge = radius * (1 + ragged * 2 * (cloud(x * 5 + seed, y * 5, seed) - 0.5));
  return step(edge + soft, edge - soft, far);
}

/** The lines of a net, 0-1. */
function network(x: number, y: number, fineness: number, seed: number): number {
  const [bent, crossed] = [x + 0.03 * noise(x * 12, y * 12, seed), y + 0.03 * noise(x * 12, y * 12, seed + 1)];
  return Math.max(Math.cos(Math.PI * fineness * (bent + crossed)) ** 8, Math.cos(Math.PI * fineness * (bent - crossed)) ** 8);
}

/** @param light the colour where it is lightest */
function skin(x: number, y: number, light: Colour, seed: number): Colour {
  const [red, green, blue] = light;
  const base = blend(light, [red - 20, green - 25, blue - 25], cloud(x * 2.5, y * 2.5, seed));
  return blend(base, [186, 128, 110], 0.25 * step(0.55, 0.8, cloud(x * 22, y * 22, seed + 5, 2)));
}

function blend(under: Colour, over: Colour, share: number): Colour {
  return [mix(under[0], over[0], share), mix(under[1], over[1], share), mix(under[2], over[2], share)];
}
