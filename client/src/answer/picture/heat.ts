// The colours of "inferno" (Stefan van der Walt and Nathaniel Smith, CC0), every eighth part of the scale.
const INFERNO: [number, number, number][] = [
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
 * @param heat rows of values 0-1
 */
export function drawHeat(canvas: HTMLCanvasElement, heat: number[][]): void {
  const context = canvas.getContext("2d")!;
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

/** Read a heat map at a place, 0-1 across and down, bilinearly; beyond the outer cells' centres it stays level. */
export function stretched(heat: number[][], across: number, down: number): number {
  const [top, bottom, y] = between(down, heat.length);
  const [left, right, x] = between(across, heat[0]!.length);
  const [above, below] = [heat[top]!, heat[bottom]!];
  const upper = above[left]! * (1 - x) + above[right]! * x;
  const lower = below[left]! * (1 - x) + below[right]! * x;
  return upper * (1 - y) + lower * y;
}

function between(share: number, cells: number): [number, number, number] {
  const place = Math.min(Math.max(share * cells - 0.5, 0), cells - 1);
  const first = Math.floor(place);
  return [first, Math.min(first + 1, cells - 1), place - first];
}

function colour(value: number): [number, number, number] {
  const [first, second, part] = between((value * (INFERNO.length - 1) + 0.5) / INFERNO.length, INFERNO.length);
  const [cold, hot] = [INFERNO[first]!, INFERNO[second]!];
  const mixed = (channel: 0 | 1 | 2) => Math.round(cold[channel] * (1 - part) + hot[channel] * part);
  return [mixed(0), mixed(1), mixed(2)];
}
