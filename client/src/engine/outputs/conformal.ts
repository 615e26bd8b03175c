// Sets of classes that contain the true one as often as promised; as in inference/conformal.py.
import type { BundleSpec } from "../../generated/bundle_spec.ts";
import type { ConformalAnswer } from "../../generated/predict_answer.ts";

/** Return one set for each coverage level: class c is in it when `1 - p[c] <= quantiles[c]`. */
export function conformalSets(probabilities: number[], { classes, conformal }: BundleSpec): ConformalAnswer[] | null {
  if (conformal === null) return null;
  const likelyFirst = classes
    .map(({ code }, i) => ({ code, p: probabilities[i]! }))
    .sort((a, b) => b.p - a.p);
  return conformal.levels.map(({ coverage, quantiles }) => ({
    coverage,
    codes: likelyFirst.filter(({ code, p }) => 1 - p <= quantiles[code]!).map(({ code }) => code),
  }));
}
