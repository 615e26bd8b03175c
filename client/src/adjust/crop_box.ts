// The frame over the picture and its corners: dragged by finger or mouse, moved by arrow keys.
import { make } from "../page/make.ts";
import { t } from "../words/words.ts";
import { type Box, moved, type Part, type Size } from "./cropping.ts";

const PARTS: Part[] = ["frame", "nw", "ne", "se", "sw"];
const LEAST = 32; // pixels
const KEYS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * @param area what the frame lies over
 * @param size of the picture, pixels
 * @param read and `write` the box
 */
export function cropBox(area: HTMLElement, size: () => Size, read: () => Box, write: (box: Box) => void): HTMLElement[] {
  return PARTS.map((part) => {
    const handle = make("button", {
      type: "button",
      className: part === "frame" ? "crop-frame" : `crop-corner ${part}`,
      attributes: { "aria-label": t(`crop.${part}`) },
    });
    const move = (dx: number, dy: number): void =>
      write(moved(read(), part, dx, dy, size(), Math.min(LEAST, size().width, size().height)));
    handle.addEventListener("keydown", (event) => {
      const way = KEYS[event.key];
      if (!way) return;
      event.preventDefault();
      const step = (event.shiftKey ? 0.1 : 0.02) * Math.max(size().width, size().height);
      move(way[0] * step, way[1] * step);
    });
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const scale = size().width / area.clientWidth;
      move(event.movementX * scale, event.movementY * scale);
    });
    return handle;
  });
}
