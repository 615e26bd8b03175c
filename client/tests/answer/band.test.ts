import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { why, wrongIn } from "../../src/answer/band.ts";
import { nextSteps } from "../../src/answer/next_steps.ts";
import { told } from "../../src/assessment/told.ts";
import type { Answer } from "../../src/engine/index.ts";
import { answer, operatingPoint, REFUSED, student } from "../made_up.ts";

function read(given: Answer, changes = {}) {
  const asked = student(changes);
  return { answer: given, student: asked, told: told(given, asked, null) };
}

test("no sign of danger is never said without in how many melanomas it is wrong", () => {
  const [sentence] = why(read(answer("nv", 0.01)));
  assert.match(sentence!, /^No sign of danger was found/);
  assert.match(sentence!, /about 7 of 100 melanomas that is wrong \(measured on 84 melanomas; between 2 and 15 of 100/);
});

test("none missed among those measured is no promise of 100 %", () => {
  const none = { split: "test", n_lesions: 84, missed: 0, per_100: 0, low: 0, high: 4.2965 };
  const points = [{ ...operatingPoint(0.95, 0.2), missed_melanomas: none }];
  const text = wrongIn(read(answer("nv", 0.01), { operating_points: points }));
  assert.match(text, /none of the 84 melanomas measured; it can be wrong for up to 5 of 100/);
  assert.doesNotMatch(text, /100\.0 %|never/);
});

test("where nobody measured, that is said", () => {
  const points = [{ ...operatingPoint(0.95, 0.2), missed_melanomas: null }];
  assert.match(wrongIn(read(answer("nv", 0.01), { operating_points: points })), /was not measured/);
});

test("a picture of no lesion gets no advice about one", () => {
  const steps = nextSteps(read(answer("nv", 0.01, REFUSED)));
  assert.match(steps[0]!, /close-up of one spot/);
  assert.doesNotMatch(steps.join(" "), /three months|changes|bleeds/);
});

test("an alarm in a refused or poor picture stands and says so", () => {
  const given = answer("mel", 0.95, { ...REFUSED, quality: [{ code: "blurred", message: "x" }] });
  const sentences = why(read(given)).join(" ");
  assert.match(sentences, /alarm stands all the same, unless the picture shows no skin/);
  assert.match(sentences, /do not wait for a better one/);
  assert.match(nextSteps(read(given))[0]!, /^A doctor should examine it/);
});

test("an unclear answer names both kinds", () => {
  const given = answer("akiec", 0.01, { probabilities: { mel: 0, akiec: 0.01, nv: 0.99 }, diagnosis: "nv" });
  assert.deepEqual(why(read({ ...given, conformal: [{ coverage: 0.9, codes: [] }] })), ["No kind that the network knows fits well."]);
});
