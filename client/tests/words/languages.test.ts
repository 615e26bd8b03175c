import assert from "node:assert/strict";
import { test } from "node:test";
import { direction, localeOf, wantedLanguage } from "../../src/words/languages.ts";

function prefers(...languages: string[]): void {
  Object.defineProperty(globalThis, "navigator", { value: { languages }, configurable: true });
}

test("the first of the browser's languages that there is, whatever its region", () => {
  prefers("pt-BR");
  assert.equal(wantedLanguage(), "pt");
  prefers("nl-NL", "sw-TZ", "en");
  assert.equal(wantedLanguage(), "sw");
  prefers("hin"); // no code that a browser gives, and no other language's first letters
  assert.equal(wantedLanguage(), "en");
  prefers();
  assert.equal(wantedLanguage(), "en");
});

test("numbers are written as in the browser's own region, where it speaks the language", () => {
  prefers("en-GB", "ar-MA");
  assert.equal(localeOf("ar"), "ar-MA");
  assert.equal(localeOf("de"), "de");
});

test("only Arabic is read from right to left", () => {
  assert.equal(direction("ar"), "rtl");
  assert.equal(direction("hi"), "ltr");
});
