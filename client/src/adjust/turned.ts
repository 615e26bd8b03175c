// Pixels turned by quarters and cropped, without loss.
import type { Box } from "./cropping.ts";

/** A canvas with the picture turned clockwise by so many quarters. */
export function turned(picture: ImageBitmap, quarters: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const sideways = quarters % 2 === 1;
  canvas.width = sideways ? picture.height : picture.width;
  canvas.height = sideways ? picture.width : picture.height;
  const context = canvas.getContext("2d")!;
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((quarters * Math.PI) / 2);
  context.drawImage(picture, -picture.width / 2, -picture.height / 2);
  return canvas;
}

/** The part of a canvas inside the box, as a PNG file. */
export function cutOut(canvas: HTMLCanvasElement, { left, top, right, bottom }: Box): Promise<Blob> {
  const [width, height] = [Math.round(right - left), Math.round(bottom - top)];
  const cut = new OffscreenCanvas(width, height);
  cut.getContext("2d")!.drawImage(canvas, -Math.round(left), -Math.round(top));
  return cut.convertToBlob();
}
