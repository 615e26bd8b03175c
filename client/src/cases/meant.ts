// What pictures are taken for: a case that is followed, or another lesion of a patient. The address names it, so that
// it is still known after the page was loaded again.
import type { Case } from "./case.ts";
import { caseName, labelName } from "./names.ts";
import { type Patient, patientsOf } from "./patients.ts";
import { allCases } from "./store.ts";

/** Ids; "" where none is named. */
export interface Meant {
  case: string;
  patient: string;
  /** What it is called; "" where nothing is meant, or not known yet. */
  name: string;
}

export const NOBODY: Meant = { case: "", patient: "", name: "" };

/** What an address such as "#follow/ID" or "#spot/PATIENT" names. */
export function meantBy(hash: string): Meant {
  const [view, id = ""] = hash.slice(1).split("/");
  if (view === "follow") return { ...NOBODY, case: id };
  if (view === "spot") return { ...NOBODY, patient: decodeURIComponent(id) };
  return NOBODY;
}

/** The case that is meant, if it is still there. */
export const meantCase = ({ case: id }: Meant, patients: Patient[]): Case | undefined =>
  patients.flatMap(({ cases }) => cases).find((entry) => entry.id === id);

/** What is meant, as far as it is still there. */
export function meantFor(meant: Meant, patients: Patient[]): Meant {
  const entry = meantCase(meant, patients);
  const whose = patients.find(({ id, cases }) => id === meant.patient || (entry && cases.includes(entry)));
  const name = entry ? caseName(entry) : whose ? labelName(whose.label) : "";
  return { case: entry?.id ?? "", patient: whose?.id ?? "", name };
}

/** The same, looked up among the cases that are kept. */
export async function meantNow(meant: Meant): Promise<Meant> {
  if (meant === NOBODY) return NOBODY;
  return meantFor(meant, patientsOf(await allCases().catch(() => [])));
}
