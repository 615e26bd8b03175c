import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { couldAlsoBe } from "../../src/answer/also.ts";
import { answer, conformal, student } from "../made_up.ts";

const sets = (...codes: string[]) => ({
  conformal: [
    { coverage: 0.9, codes },
    { coverage: 0.95, codes: ["nv", "akiec", "mel"] },
  ],
});

test("a dangerous kind among the others is named with its sign and group", () => {
  const also = couldAlsoBe(answer("nv", 0.1, sets("nv", "mel")), student())!;
  assert.equal(also.text, "It could also be ▲ Melanoma (malignant).");
});

test("the set of 90 % is the one that counts, without the answer itself", () => {
  const also = couldAlsoBe(answer("nv", 0.1, sets("nv")), student())!;
  assert.doesNotMatch(also.text, /Melanoma/);
});

test("an empty set promises nothing", () => {
  assert.equal(couldAlsoBe(answer("nv", 0.1, sets()), student({ conformal: conformal({ nv: 0.9 }) }))!.measured, "");
});

test("a bundle without sets says nothing", () =>
  assert.equal(couldAlsoBe(answer("nv", 0.1, { conformal: null }), student()), null));

/** What is said to have been measured. */
function measured(diagnosis: string, shares: Record<string, number> | null): string {
  return couldAlsoBe(answer(diagnosis, 0.001, sets(diagnosis)), student({ conformal: conformal(shares) }))!.measured;
}

test("how often such a list held the true kind is what was measured", () => {
  assert.match(measured("nv", { nv: 0.88, mel: 0.91 }), /in 88 % of moles\.$/);
  assert.match(measured("nv", { nv: 0.88, mel: 0.768 }), /in 88 % of moles, but in only 77 % of melanomas\.$/);
  assert.match(measured("mel", { nv: 0.88, mel: 0.61 }), /in only 61 % of melanomas\.$/);
});

test("a harmless kind that was not answered is not spoken of, however short its lists fell", () => {
  assert.match(measured("mel", { nv: 0.3, mel: 0.92 }), /in 92 % of melanomas\.$/);
});

test("where nothing was measured nothing is promised", () => {
  assert.equal(measured("nv", null), "");
  assert.equal(couldAlsoBe(answer("nv", 0.001), student({ conformal: null }))!.measured, "");
});
