import "../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "../../src/cases/case.ts";
import { meantBy, meantFor, NOBODY } from "../../src/cases/meant.ts";
import { patientsOf } from "../../src/cases/patients.ts";

const entry: Case = { id: "c1", patient_id: "p/1", patient: "P-1", site: "front.shin.left", notes: "", created: "2026-03-01T12:00:00.000Z", visits: [] };
const patients = patientsOf([entry]);

test("the address names a case or a patient, and nobody elsewhere", () => {
  assert.deepEqual(meantBy("#follow/c1"), { ...NOBODY, case: "c1" });
  assert.deepEqual(meantBy(`#spot/${encodeURIComponent("p/1")}`), { ...NOBODY, patient: "p/1" });
  for (const hash of ["", "#cases", "#case/c1", "#answers/2"]) assert.deepEqual(meantBy(hash), NOBODY);
});

test("what is meant has a name, and is nobody once it is gone", () => {
  assert.deepEqual(meantFor(meantBy("#follow/c1"), patients), { case: "c1", patient: "p/1", name: "P-1 · Left shin · Mar 1, 2026" });
  assert.deepEqual(meantFor(meantBy(`#spot/${encodeURIComponent("p/1")}`), patients), { case: "", patient: "p/1", name: "P-1" });
  assert.deepEqual(meantFor(meantBy("#follow/other"), patients), NOBODY);
});
