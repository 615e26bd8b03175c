import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { classMeaning, markedName, warningText } from "../../src/answer/naming.ts";
import { CLASSES } from "../made_up.ts";

test("dangerous kinds have a sign and a word, harmless ones none", () => {
  assert.deepEqual(CLASSES.map(markedName), [
    "▲ Melanoma (malignant)",
    "◆ Actinic keratosis / intraepithelial carcinoma (precursor)",
    "Melanocytic naevus",
  ]);
});

test("a class that the page does not know keeps the server's words", () => {
  assert.equal(classMeaning({ key: "", plain: "A new kind." }), "A new kind.");
});

test("a kind is never called harmless without more", () => {
  for (const entry of CLASSES) assert.doesNotMatch(classMeaning(entry), /harmless/);
});

test("a warning is said in the page's language", () => {
  assert.match(warningText({ code: "hair", message: "x" }), /^Hair seems to cover the lesion/);
});
