import assert from "node:assert/strict";
import { test } from "node:test";
import { guide } from "../../src/camera/guide.ts";

test("the guide is 4 by 3, in the middle, .92 of what fits", () => {
  assert.deepEqual(guide(640, 480), { x: 26, y: 19, width: 589, height: 442 });
  assert.deepEqual(guide(480, 640), { x: 19, y: 155, width: 442, height: 331 });
  assert.deepEqual(guide(1920, 480), { x: 666, y: 19, width: 589, height: 442 });
});
