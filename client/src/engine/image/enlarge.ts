// Bilinear interpolation as OpenCV's INTER_AREA does it where a side grows: in integers, with weights of 11 bits.
import type { Pixels } from "./pixels.ts";

const ONE = 2048;

/** Resize to RGB `[size, size, 3]`; for pictures of which at least one side is smaller than `size`. */
export function enlarge(picture: Pixels, size: number): Uint8Array<ArrayBuffer> {
  const { width, height } = picture;
  const rgba = collected(picture);
  const across = neighbours(width, size);
  const down = neighbours(height, size);
  const square = new Uint8Array(size * size * 3);
  for (let y = 0, to = 0; y < size; y++) {
    const [top, below] = down[y]!;
    const [upper, lower] = [top * width, Math.min(top + 1, height - 1) * width];
    for (let x = 0; x < size; x++) {
      const [left, right] = across[x]!;
      const next = Math.min(left + 1, width - 1);
      for (let channel = 0; channel < 3; channel++) {
        const between = (row: number): number =>
          rgba[4 * (row + left) + channel]! * (ONE - right) + rgba[4 * (row + next) + channel]! * right;
        const above = ((ONE - below) * (between(upper) >> 4)) >> 16;
        const under = (below * (between(lower) >> 4)) >> 16;
        square[to++] = (above + under + 2) >> 2;
      }
    }
  }
  return square;
}

/** For each output pixel: the source's pixel before it, and the weight of the one after that. */
function neighbours(source: number, size: number): [number, number][] {
  // Divided and multiplied in OpenCV's order: another one gives another last bit, and now and then another pixel.
  const inverse = size / source;
  const scale = 1 / inverse;
  return Array.from({ length: size }, (_, out) => {
    const first = Math.floor(out * scale);
    const share = Math.fround(out + 1 - (first + 1) * inverse);
    if (share <= 0 || first >= source - 1) return [Math.min(first, source - 1), 0];
    return [first, Math.round((share - Math.floor(share)) * ONE)];
  });
}

function collected({ width, height, strips }: Pixels): Uint8ClampedArray {
  const whole = new Uint8ClampedArray(width * height * 4);
  let place = 0;
  for (const { rgba } of strips()) {
    whole.set(rgba, place);
    place += rgba.length;
  }
  return whole;
}
