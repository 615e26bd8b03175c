import "../../english.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case } from "../../../src/cases/case.ts";
import { patientsOf, worstOf } from "../../../src/cases/patients.ts";
import { found, type Order, ordered } from "../../../src/cases/views/search.ts";
import { answer, visit } from "../../made_up.ts";

const [MARCH, MAY, JUNE] = ["2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z", "2026-06-01T10:00:00.000Z"];
const entry = (id: string, patient: string, changes: Partial<Case> = {}): Case => ({ id, patient, site: "", notes: "", created: MARCH, visits: [visit(MARCH, answer("nv", 0.01))], ...changes });

const ALARM = entry("1", "P-10", { site: "front.shin.left", visits: [visit(MARCH, answer("mel", 0.9)), visit(MAY, answer("nv", 0.01))] });
const CASES = [ALARM, entry("2", "P-9", { notes: "Sé qué cambió", reminder: "2026-03-05" }), entry("3", "P-10", { visits: [visit(JUNE, answer("nv", 0.02))] }), entry("4", ""), entry("5", "")];
const ids = (cases: Case[]): string => cases.map(({ id }) => id).join("");
const order = (by: Order): string => ordered(patientsOf(CASES), by).map(({ cases }) => ids(cases)).join(" ");

test("every word is looked for, in label, place, notes and kinds, without accents", () => {
  assert.equal(ids(found(CASES, "")), "12345");
  assert.equal(ids(found(CASES, "p-10")), "13");
  assert.equal(ids(found(CASES, "left SHIN")), "1");
  assert.equal(ids(found(CASES, "cambio")), "2");
  assert.equal(ids(found(CASES, "melanoma p-10")), "1");
  assert.equal(ids(found(CASES, "p-9 melanoma")), "");
});

test("a damaged case hides behind no search", () => {
  const broken = { ...entry("6", "P-6"), visits: [{}] } as unknown as Case;
  assert.equal(ids(found([...CASES, broken], "left shin")), "16");
  assert.doesNotThrow(() => ordered(patientsOf([...CASES, broken]), "urgent"));
});

test("the lesions of a patient stand together; without a label each stands alone", () => {
  assert.deepEqual(
    patientsOf(CASES).map(({ cases }) => ids(cases)),
    ["13", "2", "4", "5"],
  );
  assert.deepEqual(patientsOf([entry("1", "P-1", { patient_id: "a" }), entry("2", "P-1", { patient_id: "b" })]).length, 2);
});

test("they are sorted by the latest picture, by urgency, by reminder, by label", () => {
  assert.equal(order("recent"), "31 2 4 5");
  assert.equal(order("urgent"), "13 2 4 5");
  assert.equal(order("due"), "2 31 4 5");
  assert.equal(order("patient"), "2 31 4 5");
});

test("a later picture that looks better takes no alarm back", () => assert.equal(worstOf([ALARM])!.level, "see_doctor"));
