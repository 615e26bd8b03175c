// Every text a person sees, in the language they chose: en.json and its translations, keyed alike. English comes with
// the page, each of the others when it is wanted; the service worker keeps them all for use without a network.
import en from "./en.json" with { type: "json" };
import { chooseLanguage, type Code, isLanguage, LANGUAGES, type Language, localeOf, wantedLanguage } from "./languages.ts";

export type Key = keyof typeof en;
/** A text, or its plural forms by the categories of the language (Intl.PluralRules); the value `n` chooses. */
export type Message = string | Record<string, string>;
type Messages = Partial<Record<Key, Message>>;
type Values = Record<string, string | number>;
type Loaded = Promise<{ default: Messages }>;

const TRANSLATIONS: Record<Exclude<Code, "en">, () => Loaded> = {
  es: () => import("./es.json", { with: { type: "json" } }),
  fr: () => import("./fr.json", { with: { type: "json" } }),
  pt: () => import("./pt.json", { with: { type: "json" } }),
  de: () => import("./de.json", { with: { type: "json" } }),
  ar: () => import("./ar.json", { with: { type: "json" } }),
  hi: () => import("./hi.json", { with: { type: "json" } }),
  sw: () => import("./sw.json", { with: { type: "json" } }),
};

let spoken: Code = "en";
let messages: Messages = en;
const listeners: (() => void)[] = [];

/** The code of the language that is shown. */
export const language = (): Code => spoken;

/** What numbers, dates and lists are written by. */
export const locale = (): string => localeOf(spoken);

/** Whether the words that are shown were translated with a machine's help and no speaker has checked them yet. */
export const isUnchecked = (): boolean => (LANGUAGES[spoken] as Language).checked !== true;

/** Load the language that this person reads. English where it cannot be had, as without a network before it was kept. */
export async function startWords(): Promise<void> {
  await load(wantedLanguage()).catch(() => undefined);
}

/** Show the page in another language, now and at the next visit; rejected when its words cannot be had. */
export async function speak(code: string): Promise<void> {
  if (!isLanguage(code)) return;
  await load(code);
  chooseLanguage(code);
  for (const listener of listeners) listener();
}

/** Be told after the language has changed. */
export function onLanguage(listener: () => void): void {
  listeners.push(listener);
}

/** The text of a key, with {name} replaced by the value of that name; a number is written as the language does. */
export function t(key: Key, values: Values = {}): string {
  return filled(messages[key] ?? en[key], values);
}

/** The text of a key that may not exist, such as for the code of a newer server; then `otherwise`. */
export function tCode(key: string, otherwise: string, values: Values = {}): string {
  return filled((messages as Record<string, Message>)[key] ?? (en as Record<string, Message>)[key] ?? otherwise, values);
}

async function load(code: Code): Promise<void> {
  messages = code === "en" ? en : (await TRANSLATIONS[code]()).default;
  spoken = code;
}

function filled(message: Message, values: Values): string {
  const text = typeof message === "string" ? message : pluralForm(message, values);
  // Numbers that stand in the text itself, such as "of 100", have the digits of the others; a name's, as in NG12, stay.
  return text.replace(/\{(\w+)\}|(?<!\w)\d+(?!\w)/g, (found, name?: string) => written(name ? values[name] : Number(found)));
}

function pluralForm(forms: Record<string, string>, { n }: Values): string {
  return forms[new Intl.PluralRules(spoken).select(Number(n))] ?? forms["other"]!;
}

const written = (value: string | number | undefined): string =>
  typeof value === "number" ? new Intl.NumberFormat(locale()).format(value) : String(value);
