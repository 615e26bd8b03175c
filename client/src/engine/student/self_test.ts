// The built-in self-test; as in bundle/self_test.py, in integers, so every engine makes the same picture.
import constants from "../../constants.ts";
import type { BundleSpec, SelfTest } from "../../generated/bundle_spec.ts";
import { calibrate, decide, malignantProbability } from "../outputs/probabilities.ts";

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

// Of a probability, which is arithmetic on the recorded logits alone.
const CLOSE = 1e-6;

/**
 * Compare what this browser makes of the recorded logits, and its own out-of-distribution score of the picture, with
 * those in bundle.json; as in inference/self_test.py. A draft has none.
 * @param score null without a detector
 */
export function passesAnswerTest(spec: BundleSpec, score: number | null): boolean {
  const recorded = spec.self_test_answer;
  if (recorded === null) return true;
  const probabilities = calibrate(Float32Array.from(spec.self_test.expected_logits), spec.temperature);
  const near = (value: number, expected: number | undefined): boolean => Math.abs(value - expected!) <= CLOSE;
  const { out_of_distribution_score: expected, score_tolerance: tolerance } = recorded;
  return (
    spec.classes[decide(probabilities, spec)]!.code === recorded.diagnosis &&
    spec.classes.every(({ code }, i) => near(probabilities[i]!, recorded.probabilities[code])) &&
    near(malignantProbability(probabilities, spec), recorded.malignant_probability) &&
    (score === null || expected === null || tolerance === null
      ? score === expected
      : Math.abs(score - expected) <= tolerance)
  );
}
