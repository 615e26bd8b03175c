// Where this browser has no answer, the server may have one; a picture is sent there only by this button.
import { serverMight } from "../engine/index.ts";
import { button, make } from "../page/make.ts";
import { t } from "../words/words.ts";
import { type Picture, sendToServer } from "./pictures.ts";

/** The pictures that the server may be asked for. */
export const sendable = (pictures: readonly Picture[]): Picture[] =>
  pictures.filter(({ error, sent }) => !sent && serverMight(error));

/**
 * The question whether these pictures may be sent; null where there is none to ask about.
 * @param done called after they are on their way
 */
export function consent(pictures: readonly Picture[], done: () => void): HTMLElement | null {
  const some = sendable(pictures);
  if (some.length === 0) return null;
  const send = button(t("consent.send", { n: some.length }), () => {
    sendToServer(some);
    done();
  });
  send.id = "send";
  const text = t("consent.ask", { server: location.host });
  return make("section", { className: "consent" }, make("p", { textContent: text }), send);
}
