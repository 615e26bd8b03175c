import assert from "node:assert/strict";
import { test } from "node:test";
import { calibrate, decide, malignantProbability } from "../../../src/engine/outputs/probabilities.ts";
import type { BundleSpec } from "../../../src/generated/bundle_spec.ts";
import { CLASSES } from "../../made_up.ts";

const spec = (decision: BundleSpec["decision"]): BundleSpec =>
  ({
    classes: CLASSES,
    class_priors: { mel: 0.1, akiec: 0.2, nv: 0.7 },
    decision,
  }) as Partial<BundleSpec> as BundleSpec;

test("softmax of logits over temperature, also of large ones", () => {
  const third = calibrate([5, 5, 5], 2);
  for (const p of third) assert.ok(Math.abs(p - 1 / 3) < 1e-12);
  const [a, b] = calibrate([2 * Math.log(3), 0], 2);
  assert.ok(Math.abs(a! - 0.75) < 1e-12 && Math.abs(b! - 0.25) < 1e-12);
  assert.deepEqual(calibrate([5000, 0], 1), [1, 0]);
});

test("a rare class wins by its prior where the bundle says so, and the first of equals", () => {
  const p = [0.2, 0.2, 0.6];
  assert.equal(decide(p, spec("argmax_p_over_prior")), 0);
  assert.equal(decide(p, spec("argmax_p")), 2);
  assert.equal(decide([0.4, 0.4, 0.2], spec("argmax_p")), 0);
});

test("malignant and precursor classes add up, to 1 at most", () => {
  assert.ok(Math.abs(malignantProbability([0.2, 0.3, 0.5], spec("argmax_p")) - 0.5) < 1e-12);
  assert.equal(malignantProbability([0.7, 0.3 + 1e-12, 0], spec("argmax_p")), 1);
});
