// A case of a file and the one that is here: nothing that is here is changed; what the file says else stands beside it.
import { crc32 } from "../../files/crc32.ts";
import { day } from "../../words/numbers.ts";
import { t } from "../../words/words.ts";
import { siteName } from "../body/body_map.ts";
import { type Case, inOrder, type Visit } from "../case.ts";

export interface Joined {
  entry: Case;
  /** How many pictures were not here. */
  pictures: number;
  /** Whether the file says of this case something else than what is here. */
  differs: boolean;
}

/**
 * @param here null where there is no such case
 * @param now when the file is brought back, ISO 8601
 */
export async function joined(here: Case | null, there: Case, now: string): Promise<Joined> {
  if (!here) return { entry: there, pictures: there.visits.length, differs: false };
  const added: Visit[] = [];
  let moved: Visit[] = [];
  let differs = false;
  for (const visit of there.visits) {
    const same = here.visits.find(({ id }) => id === visit.id);
    if (!same) added.push(visit);
    else if (await saysElse(same, visit)) {
      differs = true;
      const id = `${visit.id}~${crc32(await said(visit)).toString(16)}`;
      // The same file may be brought back twice.
      if (!here.visits.some((other) => other.id === id)) added.push({ ...visit, id, imported: now });
    } else if (same.date !== visit.date) moved = [...moved, visit];
  }
  const text = otherWords(here, there, moved);
  differs ||= text !== "";
  const notes = text === "" || here.notes.includes(text) ? here.notes : [here.notes, t("case.imported", { date: day(now), text })].filter(Boolean).join("\n");
  return { entry: { ...here, notes, visits: inOrder([...here.visits, ...added]) }, pictures: added.length, differs };
}

/** What the file says of the case in other words; "" where it says the same. */
function otherWords(here: Case, there: Case, moved: Visit[]): string {
  const parts = [
    there.patient !== here.patient && `${t("case.patient")}: ${there.patient || t("cases.unlabelled")}`,
    there.site !== here.site && `${t("case.site")}: ${siteName(there.site)}`,
    there.reminder !== undefined && there.reminder !== here.reminder && t("reminder.on", { date: day(there.reminder) }),
    ...moved.map(({ date }) => `${t("case.taken")}: ${day(date)}`),
    !here.notes.includes(there.notes) && `${t("case.notes")}: ${there.notes}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

async function saysElse(here: Visit, there: Visit): Promise<boolean> {
  const [a, b] = [await said(here), await said(there)];
  return a.length !== b.length || a.some((byte, i) => byte !== b[i]);
}

/** What was answered and told of which picture, as bytes that are the same for the same. */
async function said({ answer, student, told, picture }: Visit): Promise<Uint8Array<ArrayBuffer>> {
  const text = JSON.stringify({ answer, student, told }, sortedKeys);
  return new Uint8Array(await new Blob([text, picture]).arrayBuffer());
}

const sortedKeys = (_: string, value: unknown): unknown =>
  value && typeof value === "object" && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
