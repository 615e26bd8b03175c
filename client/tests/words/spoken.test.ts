import "../english.ts";
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { day, percent, points, wholePercent } from "../../src/words/numbers.ts";
import { isUnchecked, language, speak, t } from "../../src/words/words.ts";

after(() => speak("en"));

test("a language is loaded when it is chosen, and marked until a speaker has checked it", async () => {
  assert.equal(isUnchecked(), false);
  await speak("de");
  assert.equal(language(), "de");
  assert.equal(isUnchecked(), true);
  assert.equal(percent(0.1234), "12,3 %");
  assert.equal(day("2026-03-01T12:00:00Z"), "01.03.2026");
  await speak("xx");
  assert.equal(language(), "de");
});

test("Arabic has its region's digits, its percent sign and six plural forms", async () => {
  Object.defineProperty(globalThis, "navigator", { value: { languages: ["ar-EG", "en"] }, configurable: true });
  await speak("ar");
  assert.match(percent(0.1234), /^١٢٫٣ ٪/);
  assert.match(wholePercent(0.95), /^٩٥ ٪/);
  assert.match(points(-0.49), /٤٩٫٠/);
  const told = [0, 1, 2, 3, 11, 100].map((n) => t("many.doctor", { n }));
  assert.equal(new Set(told).size, 6);
  assert.match(told[3]!, /٣/);
  assert.match(t("crop.size", { width: 260, height: 360 }), /٢٦٠.*٣٦٠/);
  assert.doesNotMatch(t("missed.some", { per: 7, n: 84, low: 2, high: 15 }), /[0-9]/);
  assert.match(t("term.checklist.means"), /NG12/);
  assert.equal(t("engine.device", { name: "student", version: "1.0.0" }).match(/1\.0\.0/)?.length, 1);
  Object.defineProperty(globalThis, "navigator", { value: { languages: ["ar-MA"] }, configurable: true });
  assert.match(percent(0.1234), /^12,3/);
});

test("one and many are told apart in English, too", async () => {
  Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-US"] }, configurable: true });
  await speak("en");
  assert.equal(t("many.doctor", { n: 1 }), "1 needs a doctor");
  assert.equal(t("many.doctor", { n: 5 }), "5 need a doctor");
  assert.equal(t("many.doctor", { n: 0 }), "0 need a doctor");
});
