// The out-of-distribution detector: does this picture look like the lesions the student has learned from? As in
// inference/out_of_distribution.py; the formula is stated in bundle/verdicts.py.
import type { OutOfDistributionAnswer } from "../../generated/predict_answer.ts";
import type { Detector } from "../bundle.ts";

/**
 * Judge a picture by its embedding `[features]`.
 * @param threshold of the distance, for pictures of its kind; the detector's own if null
 */
export function judge(
  detector: Detector,
  embedding: Float32Array,
  threshold: number | null = null,
): OutOfDistributionAnswer {
  const distance = distanceOf(detector, embedding);
  const distance_threshold = threshold ?? detector.parameters.distance_threshold;
  return { score: distance / distance_threshold, refused: !(distance <= distance_threshold) };
}

/** How far the embedding is from those of lesions. */
function distanceOf({ parameters, mean, basis }: Detector, embedding: Float32Array): number {
  const columns = basis.length / mean.length;
  const projected = new Float64Array(columns);
  let squaredLength = 0;
  for (let row = 0; row < mean.length; row++) {
    const centred = embedding[row]! - mean[row]!;
    squaredLength += centred * centred;
    for (let column = 0; column < columns; column++) {
      projected[column]! += centred * basis[row * columns + column]!;
    }
  }
  const inside = projected.reduce((sum, value) => sum + value * value, 0);
  const residual = Math.max(squaredLength - inside, 0);
  return parameters.distance === "residual" || squaredLength === 0 ? residual : residual / Math.sqrt(squaredLength);
}
