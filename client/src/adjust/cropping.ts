// A crop and quarter turns as numbers; knows no page. The crop is in pixels of the turned picture.

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export type Part = "frame" | "nw" | "ne" | "se" | "sw";

export interface Size {
  width: number;
  height: number;
}

/** Move the whole box or one of its corners; it stays inside the picture and at least `least` pixels wide and high. */
export function moved(box: Box, part: Part, dx: number, dy: number, { width, height }: Size, least: number): Box {
  if (part === "frame") {
    const x = clamp(dx, -box.left, width - box.right);
    const y = clamp(dy, -box.top, height - box.bottom);
    return { left: box.left + x, right: box.right + x, top: box.top + y, bottom: box.bottom + y };
  }
  const next = { ...box };
  if (part.endsWith("w")) next.left = clamp(box.left + dx, 0, box.right - least);
  else next.right = clamp(box.right + dx, box.left + least, width);
  if (part.startsWith("n")) next.top = clamp(box.top + dy, 0, box.bottom - least);
  else next.bottom = clamp(box.bottom + dy, box.top + least, height);
  return next;
}

/** The same box after the picture was turned by a quarter, clockwise; `size` is the one before. */
export function turnedBox({ left, top, right, bottom }: Box, { height }: Size): Box {
  return { left: height - bottom, top: left, right: height - top, bottom: right };
}

export const whole = ({ width, height }: Size): Box => ({ left: 0, top: 0, right: width, bottom: height });

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
