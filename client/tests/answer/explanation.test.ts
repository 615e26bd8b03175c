import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { caveats, nextSteps } from "../../src/answer/explanation.ts";
import { answer, CLASSES, REFUSED, student } from "../made_up.ts";

const blurred = { quality: [{ code: "blurred" as const, message: "Hold still." }] };
const DOCTOR = /^Have a doctor examine this spot/;
const AGAIN = /^Take the picture again/;
const WAIT = /three months/;

test("a better picture is no reason to wait for the doctor", () => {
  const [first, second] = nextSteps(answer("mel", 0.9, blurred), student());
  assert.match(first!, DOCTOR);
  assert.match(second!, AGAIN);
});

test("a harmless answer is watched, after a better picture where this one is bad", () => {
  assert.match(nextSteps(answer("nv", 0.001), student())[0]!, WAIT);
  const [first, second] = nextSteps(answer("nv", 0.001, blurred), student());
  assert.match(first!, AGAIN);
  assert.match(second!, WAIT);
});

test("nothing that needs a doctor, and no refused picture, is told to wait", () => {
  for (const given of [answer("mel", 0.001), answer("akiec", 0.001), answer("nv", 0.5), answer("nv", 0.001, REFUSED)]) {
    assert.ok(!nextSteps(given, student()).some((step) => WAIT.test(step)));
  }
});

test("the last step holds whatever was answered", () => {
  const last = new Set(
    [answer("mel", 0.9), answer("nv", 0), answer("nv", 0, REFUSED)].map((given) => nextSteps(given, student()).at(-1)),
  );
  assert.equal(last.size, 1);
  assert.match([...last][0]!, /should be seen by a doctor/);
});

test("a harmless answer beside a likely danger alarms, and a rarer class than the most probable is explained", () => {
  assert.equal(caveats(answer("nv", 0.5), CLASSES).alarming, true);
  assert.equal(caveats(answer("nv", 0.4), CLASSES).alarming, false);
  assert.equal(caveats(answer("nv", 0.4), CLASSES).text, "");
  const { text } = caveats(answer("mel", 0.2), CLASSES);
  assert.match(text, /Melanocytic naevus/);
});
