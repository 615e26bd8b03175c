// From logits to calibrated probabilities, the chosen class and the probability of malignancy; as in
// inference/probabilities.py.
import type { BundleSpec } from "../../generated/bundle_spec.ts";

/** Return `softmax(logits / temperature)` (Guo et al. 2017, arXiv:1706.04599). */
export function calibrate(logits: ArrayLike<number>, temperature: number): number[] {
  const scaled = Array.from(logits, (logit) => logit / temperature);
  const highest = Math.max(...scaled);
  const powers = scaled.map((value) => Math.exp(value - highest));
  const sum = total(powers);
  return powers.map((power) => power / sum);
}

/** Return the index of the class to answer, by the bundle's decision rule; ties go to the first. */
export function decide(probabilities: number[], { classes, class_priors, decision }: BundleSpec): number {
  const evidence =
    decision === "argmax_p_over_prior"
      ? probabilities.map((p, i) => p / class_priors[classes[i]!.code]!)
      : probabilities;
  return evidence.indexOf(Math.max(...evidence));
}

/** Return the summed probability of the malignant and precursor classes, 0-1. */
export function malignantProbability(probabilities: number[], { classes }: BundleSpec): number {
  return Math.min(total(probabilities.filter((_, i) => classes[i]!.risk !== "benign")), 1);
}

const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);
