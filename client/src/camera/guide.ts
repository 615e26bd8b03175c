// The part of the camera's picture inside the framing guide: it is what is answered, live and frozen.
// 4 by 3, as the pictures that the network has learned from; in the middle, almost as large as there is room for.

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

const ROOM = 0.92;

/** The guide in a picture of that many pixels. */
export function guide(width: number, height: number): Area {
  const side = ROOM * Math.min(width, (height * 4) / 3);
  const area = { width: Math.round(side), height: Math.round((side * 3) / 4) };
  return { ...area, x: Math.round((width - area.width) / 2), y: Math.round((height - area.height) / 2) };
}
