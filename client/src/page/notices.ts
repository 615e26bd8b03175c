// The two lines above every view: what goes on, and what went wrong. Screen readers speak both.
import { PlainError } from "../engine/index.ts";
import { t, tCode } from "../words/words.ts";
import { element } from "./make.ts";

let coming = "";

/** Say what goes on; an empty sentence takes it away. */
export function say(sentence: string): void {
  element("status").textContent = sentence;
}

/** Say something of what was just done, after the next view has been drawn: leaving one takes its sentences away. */
export function sayThere(sentence: string): void {
  coming = sentence;
}

/** Called when a view has been drawn. */
export function arrived(): void {
  if (coming) say(coming);
  coming = "";
}

/** Say what went wrong; an empty sentence takes it away. */
export function complain(sentence: string): void {
  element("problem").textContent = sentence;
  element("problem").hidden = sentence === "";
}

/** An error in the chosen language. The error's own sentence may be a server's, meant for programs. */
export function explained(error: unknown): string {
  if (!(error instanceof PlainError)) return t("problem.page");
  return tCode(`problem.${error.code}`, error.message);
}
