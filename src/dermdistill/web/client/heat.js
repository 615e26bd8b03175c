// @ts-check
// The colours of "inferno" (Stefan van der Walt and Nathaniel Smith, CC0), every eighth part of the scale.
const INFERNO = [
  [0, 0, 4],
  [31, 12, 72],
  [85, 15, 109],
  [136, 34, 106],
  [186, 54, 85],
  [227, 89, 51],
  [249, 140, 10],
  [249, 201, 50],
  [252, 255, 164],
];

/**
 * Draw a heat map over the whole canvas: colour by heat, and the colder the more transparent.
 * @param {HTMLCanvasElement} canvas
 * @param {number[][]} heat rows of values 0-1
 */
export function drawHeat(canvas, heat) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const { width, height } = canvas;
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = stretched(heat, (x + 0.5) / width, (y + 0.5) / height);
      const [red, green, blue] = colour(value);
      image.data.set([red, green, blue, Math.round(255 * value)], 4 * (y * width + x));
    }
  }
  context.putImageData(image, 0, 0);
}

/**
 * Read a heat map at a place, 0-1 across and down, bilinearly; beyond the outer cells' centres it stays level.
 * @param {number[][]} heat
 * @param {number} across
 * @param {number} down
 */
export function stretched(heat, across, down) {
  const [top, bottom, y] = between(down, heat.length);
  const [left, right, x] = between(across, heat[0].length);
  const upper = heat[top][left] * (1 - x) + heat[top][right] * x;
  const lower = heat[bottom][left] * (1 - x) + heat[bottom][right] * x;
  return upper * (1 - y) + lower * y;
}

/**
 * @param {number} share
 * @param {number} cells
 */
function between(share, cells) {
  const place = Math.min(Math.max(share * cells - 0.5, 0), cells - 1);
  const first = Math.floor(place);
  return [first, Math.min(first + 1, cells - 1), place - first];
}

/** @param {number} value 0-1 */
function colour(value) {
  const [first, second, part] = between((value * (INFERNO.length - 1) + 0.5) / INFERNO.length, INFERNO.length);
  return INFERNO[first].map((channel, i) => Math.round(channel * (1 - part) + INFERNO[second][i] * part));
}
