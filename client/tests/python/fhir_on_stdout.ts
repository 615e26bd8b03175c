// Writes a made-up case of two pictures as FHIR, for Python to validate; see tests/client/test_fhir.py.
import { fhirBundle } from "../../src/cases/transfer/fhir.ts";
import { answer, visit } from "../made_up.ts";

const [MARCH, MAY] = ["2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z"];
const visits = [visit(MARCH, answer("mel", 0.9)), { ...visit(MAY, answer("nv", 0.01)), imported: MAY }];
const entry = { id: "1", patient: "P-1", site: "front.chest", notes: "Since spring.", created: MARCH, visits };
process.stdout.write(JSON.stringify(fhirBundle(entry)));
