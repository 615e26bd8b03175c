// Two pictures over each other: a slider moves the edge between them.
import { image } from "../../answer/picture/frame.ts";
import { make } from "../../page/make.ts";
import { t } from "../../words/words.ts";

/** @param first on the left of the edge; `second` on its right, in the first one's proportions */
export function wipe(first: Blob, second: Blob): HTMLElement {
  const above = image(first, "");
  above.className = "above";
  const box = make("div", { className: "wipe" }, image(second, ""), above, make("span", { className: "edge" }));
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
    const { left, width } = box.getBoundingClientRect();
    slider.value = String(Math.round((100 * (clientX - left)) / width));
    show();
  };
  box.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    box.setPointerCapture(event.pointerId);
    drag(event);
  });
  box.addEventListener("pointermove", (event) => box.hasPointerCapture(event.pointerId) && drag(event));
  const label = make("label", { htmlFor: "wipe", textContent: t("compare.wipe") });
  return make("figure", { className: "over-each-other" }, box, make("figcaption", {}, label, slider));
}
