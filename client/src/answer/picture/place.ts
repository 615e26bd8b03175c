// Where an enlarged picture lies in its frame, in shares of the frame; it always covers the frame. Knows no page.

export interface Place {
  /** 1 fills the frame. */
  scale: number;
  /** Of the picture's upper left corner, 0 or less. */
  x: number;
  y: number;
}

export const START: Place = { scale: 1, x: 0, y: 0 };
const MOST = 8;

export function moved({ scale, x, y }: Place, dx: number, dy: number): Place {
  return { scale, x: clamp(x + dx, 1 - scale, 0), y: clamp(y + dy, 1 - scale, 0) };
}

/** Enlarge by a factor, so that what lies at a point of the frame, 0-1 across and down, stays there. */
export function zoomed(place: Place, factor: number, across: number, down: number): Place {
  const scale = clamp(place.scale * factor, 1, MOST);
  const grown = scale / place.scale;
  return moved({ scale, x: across - grown * (across - place.x), y: down - grown * (down - place.y) }, 0, 0);
}

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
