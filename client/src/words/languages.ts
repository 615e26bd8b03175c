// Which languages there are, and which of them a person reads. Knows no words, so that the page's first script is small.
import { remembered } from "../page/remembered.ts";

/** Its name stands in index.html's menu, as the language itself writes it. */
export interface Language {
  rightToLeft?: true;
  /** Whether a speaker has checked the translation; the page marks the others as machine-assisted. */
  checked?: true;
}

export const LANGUAGES = {
  en: { checked: true },
  es: {},
  fr: {},
  pt: {},
  de: {},
  ar: { rightToLeft: true },
  hi: {},
  sw: {},
} as const satisfies Record<string, Language>;

export type Code = keyof typeof LANGUAGES;

const choice = remembered("language", "");

/** The language that was chosen; until one was, the first of the browser's that there is: `pt-BR` finds Portuguese. */
export function wantedLanguage(): Code {
  return [choice.value, ...browserLanguages().map(bare)].find(isLanguage) ?? "en";
}

export function chooseLanguage(code: Code): void {
  choice.value = code;
}

export const isLanguage = (code: string): code is Code => Object.hasOwn(LANGUAGES, code);

/** How numbers and dates are written: as in the browser's own region, where it speaks the language. */
export const localeOf = (code: Code): string => browserLanguages().find((tag) => bare(tag) === code) ?? code;

export function direction(code: Code): "ltr" | "rtl" {
  const language: Language = LANGUAGES[code];
  return language.rightToLeft ? "rtl" : "ltr";
}

const bare = (tag: string): string => tag.split("-")[0]!.toLowerCase();
const browserLanguages = (): readonly string[] => globalThis.navigator?.languages ?? [];
