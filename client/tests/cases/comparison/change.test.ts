import "../../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder, judged } from "../../../src/cases/comparison/change.ts";
import type { Answer } from "../../../src/engine/index.ts";
import { answer, REFUSED, visit } from "../../made_up.ts";

const [MARCH, MAY] = ["2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z"];
const said = (first: Answer, second: Answer): string =>
  judged({ first: visit(MARCH, first), second: visit(MAY, second) });

test("the earlier picture comes first, however they were kept", () => {
  const visits = [visit(MAY, answer("nv", 0.5)), visit(MARCH, answer("nv", 0.01))];
  assert.deepEqual(
    inOrder(visits).map(({ date }) => date),
    [MARCH, MAY],
  );
});

test("a rise, a fall and neither are told", () => {
  assert.equal(said(answer("nv", 0.01), answer("nv", 0.5)), "compare.crossed_up");
  assert.equal(said(answer("nv", 0.5), answer("nv", 0.01)), "compare.crossed_down");
  assert.equal(said(answer("nv", 0.5), answer("nv", 0.6)), "compare.stays_above");
  assert.equal(said(answer("nv", 0.01), answer("nv", 0.02)), "compare.stays_below");
});

test("a dangerous kind is not called fallen or low", () => {
  assert.equal(said(answer("nv", 0.5), answer("mel", 0.01)), "compare.dangerous");
  assert.equal(said(answer("akiec", 0.01), answer("nv", 0.01)), "compare.dangerous");
});

test("a refused picture is compared with none", () => {
  assert.equal(said(answer("nv", 0.5, REFUSED), answer("nv", 0.01)), "compare.refused");
  assert.equal(said(answer("nv", 0.5), answer("nv", 0.01, REFUSED)), "compare.refused");
});
