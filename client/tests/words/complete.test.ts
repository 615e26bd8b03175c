// Every translation has the texts of en.json: the same keys, the same places for values, the plural forms of its
// language, and nothing left in English but what is a name.
import "../english.ts";
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { LANGUAGES } from "../../src/words/languages.ts";
import type { Message } from "../../src/words/words.ts";

const folder = new URL("../../src/words/", import.meta.url);
const read = (code: string): Record<string, Message> => JSON.parse(readFileSync(new URL(`${code}.json`, folder), "utf8"));
const en = read("en");
const places = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();
const forms = (message: Message): string[] => (typeof message === "string" ? [message] : Object.values(message));
/** What may be the same in two languages: a name, or a word that both have. */
const SAME = 0.06;

test("each language of the menu has a file, and each file a place in the menu", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json")).map((name) => name.replace(".json", ""));
  assert.deepEqual(files.sort(), Object.keys(LANGUAGES).sort());
  const page = readFileSync(new URL("../../index.html", folder), "utf8");
  const menu = [...page.matchAll(/<option value="(\w+)" lang="\1"/g)].map(([, code]) => code!);
  assert.deepEqual(menu.sort(), Object.keys(LANGUAGES).sort());
});

for (const code of Object.keys(LANGUAGES)) {
  const words = read(code);

  test(`${code} has every text, in the order of en.json`, () => assert.deepEqual(Object.keys(words), Object.keys(en)));

  test(`${code} fills the same values into every text`, () => {
    for (const [key, message] of Object.entries(en)) {
      for (const form of forms(words[key]!)) {
        // "one" and "two" may be a word instead of a number.
        const may = typeof message === "string" ? [] : ["{n}"];
        const wanted = places(forms(message).at(-1)!);
        assert.deepEqual([...new Set([...places(form), ...may])].sort(), [...new Set([...wanted, ...may])].sort(), key);
        assert.ok(form.trim(), key);
      }
    }
  });

  test(`${code} has the plural forms of its language`, () => {
    const wanted = new Intl.PluralRules(code).resolvedOptions().pluralCategories.sort();
    for (const [key, message] of Object.entries(words)) {
      assert.equal(typeof message, typeof en[key], key);
      if (typeof message !== "string") assert.deepEqual(Object.keys(message).sort(), wanted, key);
    }
  });

  if (code !== "en") {
    test(`${code} is translated`, () => {
      const same = Object.keys(en).filter((key) => forms(words[key]!).join() === forms(en[key]!).join());
      assert.ok(same.length < SAME * Object.keys(en).length, same.join(", "));
    });
  }
}
