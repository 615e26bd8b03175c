// The body, front and back, as shapes in a box of 100 by 220. They are drawn for the left half of the view;
// the other half is its mirror. Seen from the front, that half is the patient's right; from behind, the left.

type Shapes = Record<string, string>;

const MIDDLE: Record<"front" | "back", Shapes> = {
  front: {
    face: "M50 4c9 0 14 6 14 15s-6 17-14 17-14-8-14-17 5-15 14-15Z",
    neck: "M44 35h12v8l5 3H39l5-3Z",
    chest: "M33 47h34l2 14-2 17H33l-2-17Z",
    belly: "M33 79h34l-1 14 1 12H33l1-12Z",
    groin: "M33 106h34l1 9-13 9H45l-13-9Z",
  },
  back: {
    head: "M50 4c9 0 14 6 14 15s-6 17-14 17-14-8-14-17 5-15 14-15Z",
    neck: "M44 35h12v8l5 3H39l5-3Z",
    upper: "M33 47h34l2 14-2 17H33l-2-17Z",
    lower: "M33 79h34l-1 12H34Z",
    buttocks: "M34 92h32l2 14-1 14-17 3-17-3-1-14Z",
  },
};
const HALF: Record<"front" | "back", Shapes> = {
  front: {
    upper_arm: "M31 47c-7 1-10 6-11 13l-2 21 9 1 3-20Z",
    forearm: "M18 83l9 1-3 27-8-1Z",
    hand: "M15 112l9 1c1 8-1 16-6 17-4-1-6-9-3-18Z",
    thigh: "M31 118l13 8 5 1-3 36H33c-3-15-4-30-2-45Z",
    shin: "M33 165h13l-2 36h-8c-3-12-4-24-3-36Z",
    foot: "M36 203h8l1 8-9 6c-4 0-6-3-4-6Z",
  },
  back: {
    upper_arm: "M31 47c-7 1-10 6-11 13l-2 21 9 1 3-20Z",
    forearm: "M18 83l9 1-3 27-8-1Z",
    hand: "M15 112l9 1c1 8-1 16-6 17-4-1-6-9-3-18Z",
    thigh: "M32 122l16 3-2 38H33c-3-14-3-28-1-41Z",
    calf: "M33 165h13l-2 36h-8c-3-12-4-24-3-36Z",
    foot: "M36 203h8l1 8-9 6c-4 0-6-3-4-6Z",
  },
};

export interface Region {
  /** As in the message files, after "site.". */
  id: string;
  path: string;
  mirrored: boolean;
}

/** The regions of one view, from head to foot. */
export function regions(view: "front" | "back"): Region[] {
  const [near, far] = view === "front" ? ["right", "left"] : ["left", "right"];
  return [
    ...Object.entries(MIDDLE[view]).map(([name, path]) => ({ id: `${view}.${name}`, path, mirrored: false })),
    ...Object.entries(HALF[view]).flatMap(([name, path]) => [
      { id: `${view}.${name}.${near}`, path, mirrored: false },
      { id: `${view}.${name}.${far}`, path, mirrored: true },
    ]),
  ];
}
