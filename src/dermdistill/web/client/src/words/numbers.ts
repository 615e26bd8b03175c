// Numbers, dates and lists as the chosen language writes them.
import { language } from "./words";

/** A probability with one digit, "12.3 %"; what is smaller than that is said to be. */
export function percent(p: number): string {
  const format = new Intl.NumberFormat(language(), { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (p > 0 && p < 0.001) return `< ${format.format(0.1)} %`;
  return `${format.format(100 * p)} %`;
}

/** A change of a probability in percentage points, with its sign. */
export function points(change: number): string {
  const format = new Intl.NumberFormat(language(), {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  return format.format(100 * change);
}

/** A share that was set, not measured: without digits. */
export function wholePercent(p: number): string {
  return `${Math.round(100 * p)} %`;
}

export function day(when: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium" }).format(new Date(when));
}

export function moment(when: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(when));
}

export function anyOf(items: string[]): string {
  return new Intl.ListFormat(language(), { type: "disjunction" }).format(items);
}
