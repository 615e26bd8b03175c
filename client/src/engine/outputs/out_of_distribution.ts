// The out-of-distribution detector: does this picture look like the lesions the student has learned from? As in
// inference/out_of_distribution.py; the formulas are stated in bundle/verdicts.py.
import type { Gate } from "../../generated/predict_answer.ts";
import type { Detector } from "../bundle.ts";

/** Judge a picture by its embedding `[features]` and logits `[classes]`. */
export function judge(detector: Detector, embedding: Float32Array, logits: Float32Array): Gate {
  const distance = distanceOf(detector, embedding);
  const { distance_threshold, energy } = detector.parameters;
  const measured = energy && energyOf(logits, energy.temperature);
  return {
    score: distance / distance_threshold,
    energy: measured,
    refused: !(distance <= distance_threshold) || (energy !== null && measured! > energy.threshold),
  };
}

/** How far the embedding is from those of lesions. */
function distanceOf({ parameters, mean, matrix, classMeans }: Detector, embedding: Float32Array): number {
  const columns = matrix.length / mean.length;
  const projected = new Float64Array(columns);
  let squaredLength = 0;
  for (let row = 0; row < mean.length; row++) {
    const centred = embedding[row]! - mean[row]!;
    squaredLength += centred * centred;
    for (let column = 0; column < columns; column++) {
      projected[column]! += centred * matrix[row * columns + column]!;
    }
  }
  if (classMeans !== null) return nearest(classMeans, projected);
  const inside = projected.reduce((sum, value) => sum + value * value, 0);
  const residual = Math.max(squaredLength - inside, 0);
  if (parameters.distance === "residual" || squaredLength === 0) return residual;
  return residual / Math.sqrt(squaredLength);
}

/** The smallest squared distance to a class mean. */
function nearest(classMeans: Float32Array, whitened: Float64Array): number {
  let least = Infinity;
  for (let start = 0; start < classMeans.length; start += whitened.length) {
    let sum = 0;
    for (let i = 0; i < whitened.length; i++) sum += (whitened[i]! - classMeans[start + i]!) ** 2;
    least = Math.min(least, sum);
  }
  return least;
}

/** `-T * log(sum(exp(logits / T)))` (Liu et al. 2020, arXiv:2010.03759). */
function energyOf(logits: Float32Array, temperature: number): number {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const highest = Math.max(...scaled);
  return -temperature * (highest + Math.log(scaled.reduce((sum, value) => sum + Math.exp(value - highest), 0)));
}
