// The picture with the heat map over it, and how much of it is seen.
import type { Answer } from "../../engine/index.ts";
import { make } from "../../page/make.ts";
import { t } from "../../words/words.ts";
import { drawHeat } from "./heat.ts";
import { verdictName } from "../naming.ts";

const SIDE = 224;
let opacity = 50; // kept while the page is open, from picture to picture

/** A blob as an image; its address is let go when it is loaded. */
export function image(blob: Blob, alt: string): HTMLImageElement {
  const address = URL.createObjectURL(blob);
  const made = make("img", { src: address, alt });
  const done = (): void => URL.revokeObjectURL(address);
  made.addEventListener("load", done);
  made.addEventListener("error", done);
  return made;
}

/** The picture in its own proportions, with the heat map; a sentence where the browser cannot show it. */
export function frame(picture: Blob, answer: Answer | null): HTMLElement {
  const photo = image(picture, t("picture.alt"));
  photo.className = "photo";
  const box = make("div", { className: "frame" }, photo);
  if (answer) box.append(heat(answer));
  photo.addEventListener("load", () => {
    box.style.setProperty("--ratio", String(photo.naturalWidth / photo.naturalHeight));
  });
  photo.addEventListener("error", () => {
    box.replaceWith(make("p", { className: "no-view", textContent: t("picture.unshown") }));
  });
  return box;
}

/** The figure of an answer: picture, heat map, slider. */
export function answeredPicture(picture: Blob, answer: Answer): HTMLElement {
  const box = frame(picture, answer);
  const value = make("output", { attributes: { for: "opacity" } });
  const show = (): void => {
    value.textContent = `${opacity} %`;
    box.querySelector("canvas")!.style.opacity = String(opacity / 100);
  };
  const slider = make("input", {
    type: "range",
    id: "opacity",
    min: "0",
    max: "100",
    value: String(opacity),
    oninput: () => {
      opacity = Number(slider.value);
      show();
    },
  });
  show();
  const label = make("label", { htmlFor: "opacity" }, t("heat.label"), " ", value);
  const caption = make("span", { textContent: t("heat.caption", { name: verdictName(answer) }) });
  return make("figure", { className: "picture" }, box, make("figcaption", {}, label, slider, caption));
}

function heat({ heat_map }: Answer): HTMLCanvasElement {
  const canvas = make("canvas", { width: SIDE, height: SIDE, className: "heat", attributes: { "aria-hidden": "true" } });
  canvas.style.opacity = String(opacity / 100);
  drawHeat(canvas, heat_map);
  return canvas;
}
