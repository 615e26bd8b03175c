import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { language, t, tCode } from "../../src/words/words.ts";

test("the remembered language is spoken", () => assert.equal(language(), "en"));

test("names in braces are filled", () => {
  assert.equal(t("crop.size", { width: 260, height: 360 }).replace(/\D+/g, " ").trim(), "260 360");
});

test("a code that is not known has the server's own words", () => {
  assert.equal(tCode("class.mel.name", "other"), "Melanoma");
  assert.equal(tCode("class.new.name", "New {kind}", { kind: "kind" }), "New kind");
});
