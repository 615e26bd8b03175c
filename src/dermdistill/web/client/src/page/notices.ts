// The two lines above every view: what goes on, and what went wrong. Screen readers speak both.
import { PlainError } from "../engine";
import { language, t, tCode } from "../words/words";
import { element } from "./make";

/** Say what goes on; an empty sentence takes it away. */
export function say(sentence: string): void {
  element("status").textContent = sentence;
}

/** Say what went wrong; an empty sentence takes it away. */
export function complain(sentence: string): void {
  element("problem").textContent = sentence;
  element("problem").hidden = sentence === "";
}

/** An error in the chosen language. In English the engine's own sentence, which knows more. */
export function explained(error: unknown): string {
  if (!(error instanceof PlainError)) return t("problem.page");
  if (language() === "en") return error.message;
  return tCode(`problem.${error.code}`, error.message);
}
