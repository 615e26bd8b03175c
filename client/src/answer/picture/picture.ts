// The picture of an answer: enlarged and moved at will, with the heat map while a button is held.
import type { Answer } from "../../engine/index.ts";
import { button, make } from "../../page/make.ts";
import { t } from "../../words/words.ts";
import { className } from "../naming.ts";
import { frame } from "./frame.ts";
import { drawHeat } from "./heat.ts";
import { zoomable } from "./zoom.ts";

const SIDE = 224;

/** @param answer whose heat map can be asked for; null for none */
export function answeredPicture(picture: Blob, answer: Answer | null): HTMLElement {
  const canvas = answer ? heatOf(answer) : null;
  const box = frame(picture, canvas);
  const zoom = zoomable([box]);
  const tools = make("div", { className: "tools" }, ...zoom);
  if (canvas) {
    canvas.hidden = true;
    tools.append(holdButton(t("heat.hold"), (held) => (canvas.hidden = !held)));
  }
  const caption = answer && canvas && make("p", { className: "fine", textContent: t("heat.caption", { name: className(answer) }) });
  return make("figure", { className: "picture" }, box, make("figcaption", {}, tools, caption));
}

/** The heat map of an answer, over the whole picture. */
export function heatOf({ heat_map }: Answer): HTMLCanvasElement {
  const canvas = make("canvas", { width: SIDE, height: SIDE, className: "heat", attributes: { "aria-hidden": "true" } });
  drawHeat(canvas, heat_map);
  return canvas;
}

/** A button that does something while it is held, by finger, mouse or key; pressed otherwise, as by voice, it switches. */
function holdButton(text: string, hold: (held: boolean) => void): HTMLButtonElement {
  const made = button(text, () => undefined);
  const set = (held: boolean): void => {
    made.setAttribute("aria-pressed", String(held));
    hold(held);
  };
  let byHand = false;
  const press = (): void => {
    byHand = true;
    set(true);
  };
  const release = (): void => set(false);
  made.setAttribute("aria-pressed", "false");
  made.addEventListener("pointerdown", press);
  for (const end of ["pointerup", "pointerleave", "pointercancel", "blur", "keyup"]) made.addEventListener(end, release);
  made.addEventListener("keydown", ({ key }) => {
    if (key === " " || key === "Enter") press();
  });
  made.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press on a phone
  made.addEventListener("click", () => {
    if (!byHand) set(made.getAttribute("aria-pressed") !== "true");
    byHand = false;
  });
  return made;
}
