// Crop and turn a picture before it is answered.
import { decode } from "../engine/index.ts";
import { ask } from "../page/dialog.ts";
import { button, make } from "../page/make.ts";
import { t } from "../words/words.ts";
import { cropBox } from "./crop_box.ts";
import { turnedBox, whole } from "./cropping.ts";
import { cutOut, turned } from "./turned.ts";

/**
 * Let a person crop and turn a picture.
 * @returns the part that is to be answered, as PNG; the picture itself when nothing was changed; null when given up;
 *   "unshown" when the browser cannot show it
 */
export async function adjust(picture: Blob): Promise<Blob | null | "unshown"> {
  const pixels = await decode(picture).catch(() => null); // as the engine does, so that no colour changes
  if (pixels === null) return "unshown";
  let quarters = 0;
  let canvas = turned(pixels, quarters);
  let box = whole(canvas);
  const area = make("div", { className: "crop" });
  const size = make("p", { className: "fine", attributes: { "aria-live": "polite" } });
  const handles = cropBox(area, () => canvas, () => box, (next) => {
    box = next;
    put();
  });

  function put(): void {
    const { width, height } = canvas;
    area.style.setProperty("--ratio", String(width / height));
    area.style.setProperty("--left", String(box.left / width));
    area.style.setProperty("--right", String(1 - box.right / width));
    area.style.setProperty("--top", String(box.top / height));
    area.style.setProperty("--bottom", String(1 - box.bottom / height));
    const [wide, high] = [Math.round(box.right - box.left), Math.round(box.bottom - box.top)];
    size.textContent = t("crop.size", { width: wide, height: high });
  }

  function turn(times: number): void {
    for (let i = 0; i < times; i++) {
      box = turnedBox(box, canvas);
      quarters = (quarters + 1) % 4;
      canvas = turned(pixels!, quarters);
    }
    area.replaceChildren(canvas, ...handles);
    put();
  }

  turn(0);
  const tools = make(
    "div",
    { className: "actions" },
    button(t("crop.left"), () => turn(3)),
    button(t("crop.right"), () => turn(1)),
    button(t("crop.whole"), () => {
      box = whole(canvas);
      put();
    }),
  );
  const how = make("p", { className: "fine", textContent: t("crop.how") });
  const accepted = await ask(t("crop.title"), [how, area, size, tools], t("crop.use"));
  pixels.close();
  if (!accepted) return null;
  const all = box.left === 0 && box.top === 0 && box.right === canvas.width && box.bottom === canvas.height;
  return all && quarters === 0 ? picture : cutOut(canvas, box);
}
