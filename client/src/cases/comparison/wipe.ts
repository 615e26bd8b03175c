// Two pictures over each other: an edge between them is dragged on the pictures, or moved by a slider.
import { image } from "../../answer/picture/frame.ts";
import { make } from "../../page/make.ts";
import { t } from "../../words/words.ts";

export interface Wipe {
  element: HTMLElement;
  /** What holds the two pictures, to be enlarged with others. */
  box: HTMLElement;
}

/** @param first before the edge, as one reads; `second` behind it, in the first one's proportions */
export function wipe(first: Blob, second: Blob): Wipe {
  const above = image(first, "");
  const side = (picture: HTMLElement, className: string): HTMLElement =>
    make("div", { className }, make("div", { className: "layers" }, picture));
  const edge = make("span", { className: "edge" });
  const box = make("div", { className: "wipe" }, side(image(second, ""), "side"), side(above, "side above"), edge);
  above.addEventListener("load", () => {
    box.style.setProperty("--ratio", String(above.naturalWidth / above.naturalHeight));
  });
  const slider = make("input", {
    type: "range",
    id: "wipe",
    min: "0",
    max: "100",
    value: "50",
    oninput: () => show(),
  });
  const show = (): void => box.style.setProperty("--edge", `${slider.value}%`);
  show();
  const drag = ({ clientX }: PointerEvent): void => {
    const { left, right, width } = box.getBoundingClientRect();
    const behind = getComputedStyle(box).direction === "rtl" ? right - clientX : clientX - left;
    slider.value = String(Math.round((100 * behind) / width));
    show();
  };
  box.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    box.setPointerCapture(event.pointerId);
    drag(event);
  });
  box.addEventListener("pointermove", (event) => box.hasPointerCapture(event.pointerId) && drag(event));
  const label = make("label", { htmlFor: "wipe", textContent: t("compare.wipe") });
  return { element: make("figure", { className: "over-each-other" }, box, make("figcaption", {}, label, slider)), box };
}
