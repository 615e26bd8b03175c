import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { asBytes, asFiles } from "../../src/cases/kept_pictures.ts";
import { answer, visit } from "../made_up.ts";

test("a picture is the same file again, whichever way it was kept", async () => {
  const entry = { id: "1", patient: "P", site: "", notes: "", created: "2026-03-01", visits: [visit("2026-03-01", answer("nv", 0.1))] };
  const kept = structuredClone(await asBytes(entry));
  assert.ok(!(kept.visits[0]!.picture instanceof Blob));
  const [back] = asFiles(kept).visits;
  assert.equal(await back!.picture.text(), "x");
  assert.equal(back!.picture.type, "image/png");
  assert.equal(asFiles(entry).visits[0]!.picture, entry.visits[0]!.picture);
});
