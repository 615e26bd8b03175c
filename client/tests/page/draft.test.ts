import assert from "node:assert/strict";
import { test } from "node:test";

const kept = new Map<string, string>();
Object.defineProperty(globalThis, "localStorage", {
  value: {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  },
});
const { draft } = await import("../../src/page/draft.ts");

test("what was typed is there again, under its own name alone, until it is forgotten", () => {
  draft<string>("save.1").keep("Itches.");
  assert.equal(draft("save.1").before, "Itches.");
  assert.equal(draft("save.2").before, null);
  draft("save.1").forget();
  assert.equal(draft("save.1").before, null);
  assert.equal(kept.size, 0);
});

test("what is older than a day, or damaged, is forgotten", () => {
  kept.set("dermdistill.draft.old", JSON.stringify({ at: Date.now() - 25 * 3_600_000, value: "x" }));
  kept.set("dermdistill.draft.broken", "{");
  for (const name of ["old", "broken"]) assert.equal(draft(name).before, null);
  assert.equal(kept.size, 0);
});
