import assert from "node:assert/strict";
import { test } from "node:test";
import { conformalSets } from "../../../src/engine/outputs/conformal.ts";
import type { BundleSpec } from "../../../src/generated/bundle_spec.ts";
import { CLASSES, conformal } from "../../made_up.ts";

const spec = { classes: CLASSES, conformal: conformal(null) } as Partial<BundleSpec> as BundleSpec;

test("a class is in the set when 1 - p is at most its own quantile; the most probable comes first", () => {
  // Quantiles: mel 0.9, akiec 0.8, nv 0.7.
  assert.deepEqual(conformalSets([0.125, 0.25, 0.625], spec), [{ coverage: 0.9, codes: ["nv", "akiec", "mel"] }]);
  assert.deepEqual(conformalSets([0.05, 0.15, 0.8], spec), [{ coverage: 0.9, codes: ["nv"] }]);
  assert.deepEqual(conformalSets([0.05, 0.15, 0.25], spec), [{ coverage: 0.9, codes: [] }]);
});

test("a bundle without quantiles has no sets", () => {
  assert.equal(conformalSets([1, 0, 0], { ...spec, conformal: null }), null);
});
