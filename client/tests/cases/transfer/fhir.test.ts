import "../../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "../../../src/cases/case.ts";
import { fhirBundle } from "../../../src/cases/transfer/fhir.ts";
import { answer, visit } from "../../made_up.ts";

const [MARCH, MAY] = ["2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z"];
const ALARM = { level: "see_doctor", reasons: ["dangerous_class_decided"], classes: ["mel"], sensitivity: 0.95 } as const;
const CASE: Case = {
  id: "1",
  patient: "P-1",
  site: "front.chest",
  notes: "Since spring.",
  created: MARCH,
  visits: [
    visit(MAY, answer("nv", 0.01)),
    visit(MARCH, answer("mel", 0.9), { ...ALARM, reasons: [...ALARM.reasons], classes: [...ALARM.classes] }),
  ],
};

interface Found {
  fullUrl: string;
  resource: Record<string, never>;
}
const bundle = fhirBundle(CASE) as unknown as { entry: Found[] };
const of = (kind: string): Record<string, never>[] => bundle.entry.map(({ resource }) => resource).filter(({ resourceType }) => resourceType === kind);

test("each picture has a preliminary report, the earliest first", () => {
  const reports = of("DiagnosticReport");
  assert.deepEqual(reports.map(({ status, effectiveDateTime }) => [status, effectiveDateTime]), [["preliminary", MARCH], ["preliminary", MAY]]);
  assert.deepEqual(of("Observation").map(({ status }) => status), Array(4).fill("preliminary"));
});

test("an alarm of another picture stands in each report that has none, and how many melanomas are missed in all", () => {
  const [alarm, later] = of("DiagnosticReport").map(({ conclusion }) => String(conclusion));
  assert.match(alarm!, /^See a doctor\. Of 100 melanomas 2\.7 to 14\.9 /);
  assert.match(later!, /^Another picture of this lesion raised an alarm\. That alarm stands\. /);
  for (const text of [alarm!, later!]) assert.match(text, /never a diagnosis\.$/);
});

test("every reference leads to a part of the document", () => {
  const there = new Set(bundle.entry.map(({ fullUrl }) => fullUrl));
  const referred = [...JSON.stringify(bundle).matchAll(/"reference":"([^"]+)"/g)].map(([, url]) => url!);
  assert.equal(there.size, bundle.entry.length);
  assert.ok(referred.length > 0 && referred.every((url) => there.has(url)));
});

test("a melanoma has no code of its own, for it may be in situ", () => {
  const [, probable] = of("Observation") as unknown as { component: { code: { text: string; coding: { code: string }[] } }[] }[];
  const codes = Object.fromEntries(probable!.component.slice(0, -1).map(({ code }) => [code.text, code.coding.slice(1).map((one) => one.code)]));
  assert.deepEqual(codes, { Melanoma: [], "Actinic keratosis": [], "Melanocytic naevus": ["D22.9"] });
});
