// Which cases the list shows, and in which order; knows no page.
import { isAlarm, byUrgency } from "../../assessment/told.ts";
import { kindNames } from "../../answer/summary.ts";
import { byText } from "../../words/numbers.ts";
import { siteName } from "../body/body_map.ts";
import { type Case, readVisit } from "../case.ts";
import { lastDate, type Patient, worstOf } from "../patients.ts";

export const ORDERS = ["recent", "urgent", "due", "patient"] as const;
export type Order = (typeof ORDERS)[number];

/** Those that hold every word that is looked for, in label, place, notes or kinds; a damaged one is always shown. */
export function found(cases: Case[], search: string): Case[] {
  const wanted = plain(search).split(/\s+/).filter(Boolean);
  return cases.filter((entry) => {
    try {
      const text = plain(wordsOf(entry));
      return wanted.every((word) => text.includes(word));
    } catch {
      return true;
    }
  });
}

function wordsOf(entry: Case): string {
  const kinds = entry.visits.map((visit) => kindNames(readVisit(visit)));
  return [entry.patient, siteName(entry.site), entry.notes, ...kinds].join(" ");
}

/** Without accents and capital letters. */
const plain = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Patients, and the cases of each, in an order. */
export function ordered(patients: Patient[], order: Order): Patient[] {
  const compare = COMPARE[order];
  const inside = patients.map((patient) => ({ ...patient, cases: [...patient.cases].sort(compare) }));
  return inside.sort((a, b) => compare(a.cases[0]!, b.cases[0]!));
}

const recent = (a: Case, b: Case): number => lastDate(b).localeCompare(lastDate(a));

const COMPARE: Record<Order, (a: Case, b: Case) => number> = {
  recent,
  urgent: (a, b) => urgency(a, b) || recent(a, b),
  // Without a reminder last.
  due: (a, b) => (a.reminder ?? "9999").localeCompare(b.reminder ?? "9999") || recent(a, b),
  // One without a label last.
  patient: (a, b) => Number(a.patient === "") - Number(b.patient === "") || byText(a.patient, b.patient) || recent(a, b),
};

/** Alarms first; of equal levels the higher probability. One that cannot be read comes first: it may be an alarm. */
function urgency(a: Case, b: Case): number {
  try {
    const [first, second] = [worstOf([a])!, worstOf([b])!];
    const alarm = Number(isAlarm(second)) - Number(isAlarm(first));
    return alarm || byUrgency(first, second) || mostMalignant(b) - mostMalignant(a);
  } catch {
    return 0;
  }
}

const mostMalignant = ({ visits }: Case): number => Math.max(...visits.map(({ answer }) => answer.malignant_probability));
