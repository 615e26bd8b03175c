// What was typed and not saved, kept by the browser for a day: a page that is loaded again loses nothing.
import { remembered, storedName } from "./remembered.ts";

const DAY_MILLISECONDS = 86_400_000;
const PREFIX = "draft.";

export interface Draft<T> {
  /** What was typed before; null when nothing was. */
  readonly before: T | null;
  keep(value: T): void;
  forget(): void;
}

/** @param name of what was being written: of one picture, or of one case */
export function draft<T>(name: string): Draft<T> {
  const kept = remembered(PREFIX + name, "");
  const before = read<T>(kept.value);
  if (before === null) kept.forget(); // older than a day
  return {
    before,
    keep: (value) => (kept.value = JSON.stringify({ at: Date.now(), value })),
    forget: () => kept.forget(),
  };
}

/** Forget everything that was typed and not saved. */
export function forgetDrafts(): void {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(storedName(PREFIX)));
    for (const name of names) localStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing for pages.
  }
}

function read<T>(text: string): T | null {
  try {
    const { at, value } = JSON.parse(text) as { at: number; value: T };
    return Date.now() - at < DAY_MILLISECONDS ? value : null;
  } catch {
    return null; // nothing was kept
  }
}
