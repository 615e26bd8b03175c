// When a lesion is to be looked at again: a day of this browser's calendar. Knows no page.
import type { Level } from "../../assessment/assess.ts";
import type { Case } from "../case.ts";

/** The days that next_steps.ts and the titles of the levels speak of. */
const DAYS: Record<Level, number> = { see_doctor: 14, unclear: 28, cannot_judge: 7, no_sign: 91 };

/** A moment as the day of this browser's calendar, as 2026-03-01. */
export function dayOf(when: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${String(when.getFullYear()).padStart(4, "0")}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
}

/** What is suggested after an answer of that level. */
export function suggestedDay(level: Level, now = new Date()): string {
  return dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() + DAYS[level]));
}

/** A day at its noon, so that no time zone makes another of it. */
export const noon = (day: string): string => new Date(`${day}T12:00:00`).toISOString();

export const isDue = ({ reminder }: Pick<Case, "reminder">, today = dayOf(new Date())): boolean =>
  reminder !== undefined && reminder <= today;

/** Those that are due, the longest first. */
export const dueCases = (cases: Case[], today = dayOf(new Date())): Case[] =>
  cases.filter((entry) => isDue(entry, today)).sort((a, b) => a.reminder!.localeCompare(b.reminder!));

/** A day that a camera's clock says; today where it says none, or one that is still to come. */
export const pastDay = (day: string, today = dayOf(new Date())): string => (day >= "1900-01-01" && day <= today ? day : today);

/** A moment with another day; the time of day stays. */
export function onDay(when: string, day: string): string {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  const moved = new Date(when);
  moved.setFullYear(year, month - 1, date);
  return moved.toISOString();
}
