// Enlarge a picture in its frame and move it: by two fingers, by dragging, by wheel, by keys, by buttons.
import { button } from "../../page/make.ts";
import { t } from "../../words/words.ts";
import { type Place, moved, START, zoomed } from "./place.ts";

const STEP = 1.5;
const KEYS: Record<string, [number, number]> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/**
 * Make what frames hold movable, all of them together; returns the buttons that do it, too.
 * @param frames each by its own keys, wheel and fingers
 * @param followers shown alike, but moved by the frames alone
 */
export function zoomable(frames: HTMLElement[], followers: HTMLElement[] = []): HTMLElement[] {
  const all = [...frames, ...followers];
  let place: Place = START;
  const read = (): Place => place;
  const put = (next: Place): void => {
    place = next;
    for (const layers of all.flatMap((frame) => [...frame.querySelectorAll<HTMLElement>(".layers")])) {
      layers.style.transform = `translate(${100 * place.x}%, ${100 * place.y}%) scale(${place.scale})`;
    }
    for (const frame of all) frame.classList.toggle("enlarged", place.scale > 1);
  };
  const by = (factor: number): void => put(zoomed(place, factor, 0.5, 0.5));
  for (const frame of frames) listen(frame, read, put);
  return [
    button("+", () => by(STEP)),
    button("−", () => by(1 / STEP)),
  ].map((made, i) => {
    made.setAttribute("aria-label", t(i === 0 ? "zoom.in" : "zoom.out"));
    return made;
  });
}

function listen(frame: HTMLElement, read: () => Place, put: (place: Place) => void): void {
  const by = (factor: number): void => put(zoomed(read(), factor, 0.5, 0.5));
  Object.assign(frame, { tabIndex: 0 });
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", t("zoom.label"));
  frame.addEventListener("keydown", (event) => {
    const way = KEYS[event.key];
    if (way && read().scale > 1) put(moved(read(), 0.1 * way[0], 0.1 * way[1]));
    else if (event.key === "+") by(STEP);
    else if (event.key === "-") by(1 / STEP);
    else if (event.key === "0") put(START);
    else return;
    event.preventDefault();
  });
  frame.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && read().scale === 1) return; // the page scrolls
      event.preventDefault();
      const { left, top, width, height } = frame.getBoundingClientRect();
      put(zoomed(read(), 1.0015 ** -event.deltaY, (event.clientX - left) / width, (event.clientY - top) / height));
    },
    { passive: false },
  );
  followFingers(frame, read, put);
}

/** One finger moves, two enlarge around the middle between them. */
function followFingers(frame: HTMLElement, read: () => Place, put: (place: Place) => void): void {
  const fingers = new Map<number, [number, number]>();
  const at = ({ clientX, clientY }: PointerEvent): [number, number] => {
    const { left, top, width, height } = frame.getBoundingClientRect();
    return [(clientX - left) / width, (clientY - top) / height];
  };
  frame.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, at(event));
    if (read().scale > 1 || fingers.size > 1) frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = at(event);
    const other = [...fingers.entries()].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    if (other) {
      const middle = [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2] as const;
      const factor = distance(now, other) / Math.max(distance(before, other), 1e-3);
      put(zoomed(read(), factor, ...middle));
    } else if (read().scale > 1) put(moved(read(), now[0] - before[0], now[1] - before[1]));
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"] as const) {
    frame.addEventListener(end, ({ pointerId }) => fingers.delete(pointerId));
  }
  frame.addEventListener("dragstart", (event) => event.preventDefault());
}

const distance = ([x, y]: [number, number], [u, v]: [number, number]): number => Math.hypot(x - u, y - v);
