// The built-in self-test; as in bundle/self_test.py, in integers, so every engine makes the same picture.
import constants from "../constants.ts";
import type { SelfTest } from "../generated/bundle_spec.ts";

const {
  base_rgb: BASE,
  slope_rgb: SLOPE,
  pattern_step_per_row: DOWN,
  pattern_step_per_column: RIGHT,
  pattern_levels: LEVELS,
} = constants.self_test_image;

/** Return the picture whose logits bundle.json holds: RGB `[size, size, 3]`. */
export function selfTestImage(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(size * size * 3);
  let place = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const distance = (2 * y - size + 1) ** 2 + (2 * x - size + 1) ** 2;
      const light = Math.floor((distance * 256) / (2 * size * size));
      const pattern = (DOWN * y + RIGHT * x + seed) % LEVELS;
      for (const [channel, base] of BASE.entries()) {
        image[place++] = base + Math.floor((SLOPE[channel]! * light) / 256) + pattern;
      }
    }
  }
  return image;
}

/** Compare logits with those in bundle.json; NaN fails too. */
export function passesSelfTest(logits: Float32Array, { expected_logits, tolerance }: SelfTest): boolean {
  return (
    logits.length === expected_logits.length &&
    expected_logits.every((expected, i) => Math.abs(logits[i]! - expected) <= tolerance)
  );
}
