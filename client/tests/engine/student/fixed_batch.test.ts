import assert from "node:assert/strict";
import { test } from "node:test";
import { withFixedBatch } from "../../../src/engine/student/fixed_batch.ts";

test("an open batch becomes one picture, and nothing else changes", () => {
  const model = Uint8Array.from(new Uint8Array(Int32Array.of(7, 4, -1, 224, 224, 3, -1).buffer));
  const fixed = new Int32Array(withFixedBatch(model, 224).buffer);
  assert.deepEqual([...fixed], [7, 4, 1, 224, 224, 3, -1]);
  assert.equal(new Int32Array(model.buffer)[2], -1);
});
