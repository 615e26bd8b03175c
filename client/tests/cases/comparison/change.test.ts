import "../../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { inOrder } from "../../../src/cases/case.ts";
import { mostPressing, said as saidOf } from "../../../src/cases/comparison/change.ts";
import type { Answer } from "../../../src/engine/index.ts";
import { answer, REFUSED, visit } from "../../made_up.ts";

const [MARCH, MAY] = ["2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z"];
const said = (first: Answer, second: Answer): string =>
  saidOf({ first: visit(MARCH, first), second: visit(MAY, second) });

test("the earlier picture comes first, however they were kept", () => {
  const visits = [visit(MAY, answer("nv", 0.5)), visit(MARCH, answer("nv", 0.01))];
  assert.deepEqual(
    inOrder(visits).map(({ date }) => date),
    [MARCH, MAY],
  );
});

test("an alarm stands whatever the other picture looks like", () => {
  assert.equal(said(answer("nv", 0.01), answer("nv", 0.5)), "compare.alarm_second");
  assert.equal(said(answer("nv", 0.5), answer("nv", 0.01)), "compare.alarm_first");
  assert.equal(said(answer("nv", 0.5), answer("nv", 0.6)), "compare.alarm_both");
  assert.equal(said(answer("nv", 0.01, REFUSED), answer("akiec", 0.001)), "compare.alarm_second");
});

test("two pictures without an alarm are looked at, not called low", () => {
  assert.equal(said(answer("nv", 0.01), answer("nv", 0.02)), "compare.look");
  assert.equal(said(answer("nv", 0.01), answer("nv", 0.01, REFUSED)), "compare.unjudged");
});

test("what presses most leads the comparison, of equals the later", () => {
  const [low, high] = [visit(MARCH, answer("nv", 0.01)), visit(MAY, answer("nv", 0.5))];
  assert.equal(mostPressing({ first: low, second: high }).answer, high.answer);
  assert.equal(mostPressing({ first: high, second: low }).answer, high.answer);
  const later = visit(MAY, answer("nv", 0.02));
  assert.equal(mostPressing({ first: low, second: later }).answer, later.answer);
});
