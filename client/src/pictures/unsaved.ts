// The pictures being looked at, kept by the browser for a day, so that a page that is loaded again loses none. What was
// saved to a case is forgotten here. A database of its own: who deletes cases or drafts touches not the other.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { draft } from "../page/draft.ts";
import type { Picture } from "./pictures.ts";

const DAY_MILLISECONDS = 86_400_000;

/** The bytes, written once. */
type Kept = Pick<Picture, "id" | "name" | "original" | "shown" | "meant" | "uncropped"> & { at: number; place: number };
/** What is known of it by now. */
type Known = Pick<Picture, "id" | "answer" | "told">;

interface Schema extends DBSchema {
  pictures: { key: string; value: Kept };
  answers: { key: string; value: Known };
}

export type Unsaved = Kept & Omit<Known, "id">;

let opening: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opening ??= openDB<Schema>("dermdistill-unsaved", 1, {
    upgrade(made) {
      made.createObjectStore("pictures", { keyPath: "id" });
      made.createObjectStore("answers", { keyPath: "id" });
    },
  });
  opening.catch(() => (opening = null));
  return opening;
}

// One after the other, so that an answer is never written before its picture; a browser that keeps nothing loses only this.
let writing: Promise<unknown> = Promise.resolve();
function later(write: (kept: IDBPDatabase<Schema>) => Promise<unknown>): void {
  writing = writing.then(async () => write(await database())).catch(() => undefined);
}

/** Keep these in the place of those there are. */
export function keepUnsaved(pictures: readonly Picture[]): void {
  discardUnsaved();
  const at = Date.now();
  later(async (kept) => {
    for (const [place, { id, name, original, shown, meant, uncropped }] of pictures.entries()) {
      await kept.put("pictures", { id, name, original, shown, meant, uncropped, at, place });
    }
  });
}

/** Keep what is told of a picture; nothing, once it lies in a case. */
export function keepKnown({ id, answer, told, saved }: Picture): void {
  if (saved) {
    later((kept) => kept.delete("pictures", id));
    later((kept) => kept.delete("answers", id));
  } else later((kept) => kept.put("answers", { id, answer, told }));
}

/** Keep other pixels in a picture's place. */
export function keepShown({ id, shown }: Picture): void {
  later(async (kept) => {
    const old = await kept.get("pictures", id);
    if (old) await kept.put("pictures", { ...old, shown });
    await kept.delete("answers", id);
  });
}

export function discardUnsaved(): void {
  later(async (kept) => {
    for (const id of await kept.getAllKeys("pictures")) draft(`save.${id}`).forget();
    await kept.clear("pictures");
    await kept.clear("answers");
  });
}

/** Those of the last day, in their order; older ones are forgotten. */
export async function unsaved(): Promise<Unsaved[]> {
  try {
    const kept = await database();
    const [pictures, answers] = [await kept.getAll("pictures"), await kept.getAll("answers")];
    const known = new Map(answers.map((one) => [one.id, one]));
    if (pictures.some(({ at }) => Date.now() - at > DAY_MILLISECONDS)) {
      discardUnsaved();
      return [];
    }
    const found = pictures.map((one) => ({ ...one, answer: known.get(one.id)?.answer ?? null, told: known.get(one.id)?.told ?? null }));
    return found.sort((a, b) => a.place - b.place);
  } catch {
    return []; // a browser that keeps nothing for pages
  }
}
