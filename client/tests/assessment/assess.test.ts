import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { assess, type Assessment, type Finding, type Thresholds } from "../../src/assessment/assess.ts";

interface Case {
  name: string;
  finding: Finding;
  thresholds: Thresholds | null;
  expected: Assessment;
}

const golden = new URL("../../../tests/golden/assessment.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(golden, "utf8")) as { cases: Case[] };

for (const { name, finding, thresholds, expected } of cases) {
  test(name, () => assert.deepEqual(assess(finding, thresholds), expected));
}

test("a probability that is no number is an alarm", () => {
  const [first] = cases;
  const finding = { ...first!.finding, probs: { ...first!.finding.probs, mel: Number.NaN } };
  assert.equal(assess(finding, first!.thresholds).level, "see_doctor");
});
