import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefused, markedName, verdictMeaning, warningText } from "../../src/answer/naming.ts";
import { answer, CLASSES, REFUSED } from "../made_up.ts";

test("dangerous kinds have a sign and a word, harmless ones none", () => {
  assert.deepEqual(CLASSES.map(markedName), [
    "▲ Melanoma (malignant)",
    "◆ Actinic keratosis / intraepithelial carcinoma (precursor)",
    "Melanocytic naevus",
  ]);
});

test("a suspicious picture's harmlessness is said only with an if", () => {
  assert.match(verdictMeaning(answer("nv", 0.5), true), /^If that is what it is: a common mole/);
  assert.match(verdictMeaning(answer("nv", 0.001), false), /^A common mole/);
  assert.doesNotMatch(verdictMeaning(answer("mel", 0.5), true), /^If/);
});

test("a class that the page does not know keeps the server's words", () => {
  assert.equal(verdictMeaning(answer("nv", 0, { key: "", plain: "A new kind." }), false), "A new kind.");
});

test("a warning is said in the page's language", () => {
  assert.match(warningText({ code: "hair", message: "x" }), /^Hair seems to cover the lesion/);
});

test("a picture is refused only by a detector that says so", () => {
  assert.equal(isRefused(answer("nv", 0, REFUSED)), true);
  assert.equal(isRefused(answer("nv", 0)), false);
  assert.equal(isRefused(answer("nv", 0, { out_of_distribution: null })), false);
});
