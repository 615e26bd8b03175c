// Where cases are kept: IndexedDB, in this browser only.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Case } from "./case.ts";
import { asBytes, asFiles, type KeptCase } from "./kept_pictures.ts";

interface Schema extends DBSchema {
  cases: { key: string; value: KeptCase };
}

let opening: Promise<IDBPDatabase<Schema>> | null = null;

function database(): Promise<IDBPDatabase<Schema>> {
  opening ??= openDB<Schema>("dermdistill", 1, {
    upgrade: (made) => void made.createObjectStore("cases", { keyPath: "id" }),
  });
  opening.catch(() => (opening = null));
  return opening;
}

/** All cases, the one changed last first. */
export async function allCases(): Promise<Case[]> {
  const cases = (await (await database()).getAll("cases")).map(asFiles);
  const last = ({ created, visits }: Case): string => visits.at(-1)?.date ?? created;
  return cases.sort((a, b) => last(b).localeCompare(last(a)));
}

export async function readCase(id: string): Promise<Case | undefined> {
  const found = await (await database()).get("cases", id);
  return found && asFiles(found);
}

export const keepCase = (entry: Case): Promise<void> => keepCases([entry]);

/** Keep all of these cases, or none. */
export async function keepCases(entries: Case[]): Promise<void> {
  try {
    await write(entries);
  } catch (error) {
    if (isFull(error)) throw error;
    await write(await Promise.all(entries.map(asBytes)));
  }
  changed();
  // Ask the browser not to throw cases away when space is short; it may say no.
  void navigator.storage?.persist?.();
}

async function write(entries: KeptCase[]): Promise<void> {
  const writing = (await database()).transaction("cases", "readwrite");
  await Promise.all([...entries.map((entry) => writing.store.put(entry)), writing.done]);
}

export async function deleteCases(ids: string[]): Promise<void> {
  const writing = (await database()).transaction("cases", "readwrite");
  await Promise.all([...ids.map((id) => writing.store.delete(id)), writing.done]);
  changed();
}

export async function deleteAllCases(): Promise<void> {
  await (await database()).clear("cases");
  changed();
}

const listeners: (() => void)[] = [];
const changed = (): void => listeners.forEach((listener) => listener());

/** Be told after cases were kept or deleted. */
export const onCases = (listener: () => void): void => void listeners.push(listener);

/** Whether a browser keeps no more because its space is used up. */
export const isFull = (error: unknown): boolean => error instanceof DOMException && error.name === "QuotaExceededError";
