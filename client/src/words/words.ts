// Every text a person sees, in the language they chose: en.json and its translations, keyed alike.
import { remembered } from "../page/remembered.ts";
import en from "./en.json" with { type: "json" };
import es from "./es.json" with { type: "json" };

export type Key = keyof typeof en;
type Messages = Record<Key, string>;
type Values = Record<string, string | number>;

const LANGUAGES: Record<string, Messages> = { en, es } satisfies Record<string, Messages>;
const chosen = remembered("language", preferred());
const listeners: (() => void)[] = [];

/** The code of the language that is shown. */
export function language(): string {
  return chosen.value in LANGUAGES ? chosen.value : preferred();
}

/** Show the page in another language, now and at the next visit. */
export function speak(code: string): void {
  chosen.value = code;
  translatePage();
  for (const listener of listeners) listener();
}

/** Be told after the language has changed. */
export function onLanguage(listener: () => void): void {
  listeners.push(listener);
}

/** The text of a key, with {name} replaced by the value of that name. */
export function t(key: Key, values: Values = {}): string {
  return filled(LANGUAGES[language()]![key], values);
}

/** The text of a key that may not exist, such as for the code of a newer server; then `otherwise`. */
export function tCode(key: string, otherwise: string, values: Values = {}): string {
  return filled((LANGUAGES[language()] as Record<string, string>)[key] ?? otherwise, values);
}

/** Put the texts into what index.html has: data-t for the text, data-t-ATTRIBUTE for an attribute. */
export function translatePage(): void {
  document.documentElement.lang = language();
  for (const place of document.querySelectorAll<HTMLElement>("[data-t]")) {
    place.textContent = t(place.dataset["t"] as Key);
  }
  for (const place of document.querySelectorAll<HTMLElement>("[data-t-label]")) {
    place.setAttribute("aria-label", t(place.dataset["tLabel"] as Key));
  }
}

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}

/** The first of the browser's languages that there is. */
function preferred(): string {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((code) => code in LANGUAGES) ?? "en";
}
