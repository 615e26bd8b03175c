// Numbers, dates and lists as the chosen language and the browser's region write them.
import constants from "../constants.ts";
import { locale } from "./words.ts";

// As many as probabilities are given with, in percent: more would be invented.
const MOST_DIGITS = constants.answer.probability_digits - 2;

/** A probability, with one digit "12.3 %"; what is smaller than that is said to be. */
export function percent(p: number, digits = 1): string {
  const least = 10 ** -digits;
  if (p > 0 && 100 * p < least) return `< ${inPercent(least, digits)}`;
  return inPercent(100 * p, digits);
}

/** Two probabilities of which one is read against the other: with as many digits as tell them apart. */
export function apart(p: number, q: number, digits = 1): [string, string] {
  const written: [string, string] = [percent(p, digits), percent(q, digits)];
  return written[0] === written[1] && p !== q && digits < MOST_DIGITS ? apart(p, q, digits + 1) : written;
}

/** A change of a probability in percentage points, with its sign. */
export function points(change: number): string {
  const format = new Intl.NumberFormat(locale(), {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  return format.format(100 * change).replace("-", "−"); // as wide as the plus, and read aloud as "minus"
}

/** A share that was set, not measured: without digits. */
export const wholePercent = (p: number): string => inPercent(Math.round(100 * p), 0);

/** Digits and sign are the locale's; the space between them is the standard's (ISO 80000-1), in every language. */
function inPercent(value: number, digits: number): string {
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const sign = new Intl.NumberFormat(locale(), { style: "percent" }).formatToParts(1).find(({ type }) => type === "percentSign")!;
  return `${new Intl.NumberFormat(locale(), format).format(value)} ${sign.value}`;
}

export const day = (when: string): string => date(when, { dateStyle: "medium" });

export const moment = (when: string): string => date(when, { dateStyle: "medium", timeStyle: "short" });

/** When each was: its day; with the time of day, and if need be its seconds, where two would read the same. */
export function moments(dates: string[]): string[] {
  const told = [day, moment, second].map((write) => dates.map(write));
  return told.find((all) => new Set(all).size === dates.length) ?? told.at(-1)!;
}

const second = (when: string): string => date(when, { dateStyle: "medium", timeStyle: "medium" });

/** In one calendar everywhere: a report is read by others than who printed it. */
function date(when: string, style: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale(), { ...style, calendar: "gregory" }).format(new Date(when));
}

export function allOf(items: string[]): string {
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(items);
}

export function anyOf(items: string[]): string {
  return new Intl.ListFormat(locale(), { type: "disjunction" }).format(items);
}

/** Compares two texts as a list of the language has them, "P-9" before "P-10". */
export const byText = (a: string, b: string): number => new Intl.Collator(locale(), { numeric: true }).compare(a, b);

/** A size of a file: "2.6 MB". */
export function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  const format = { style: "unit", unit: "megabyte", maximumFractionDigits: value < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale(), format).format(value);
}
