// The pictures being looked at, answered one after the other. Given up together when others come.
import { type Answer, answer } from "../engine/index.ts";

export interface Picture {
  readonly name: string;
  /** As it was given. */
  readonly original: Blob;
  /** What is answered: the original, or what was cropped and turned from it. */
  shown: Blob;
  answer: Answer | null;
  /** Why there is no answer. */
  error: unknown;
  /** The id of the case that it was taken for; "" where none was named. */
  readonly followed: string;
  /** Whether it was to be cropped, but the browser cannot show it. */
  readonly uncropped: boolean;
}

export type Given = Pick<Picture, "name" | "uncropped"> & { blob: Blob };

let pictures: Picture[] = [];
let current = new AbortController();
let changed: (picture: Picture) => void = () => undefined;

export const allPictures = (): readonly Picture[] => pictures;

/** Be told when a picture has its answer, or none. One listener: the view that shows them. */
export function onAnswer(listener: (picture: Picture) => void): void {
  changed = listener;
}

/**
 * Take pictures in the place of those there are, and answer each.
 * @param followed the case that they were taken for, if any
 */
export function takePictures(files: Given[], followed: string): void {
  current.abort();
  current = new AbortController();
  pictures = files.map(({ blob, ...rest }) => ({ ...rest, original: blob, shown: blob, answer: null, error: null, followed }));
  for (const picture of pictures) void ask(picture, current.signal);
}

/** Answer other pixels in a picture's place. */
export function answerInstead(picture: Picture, shown: Blob): void {
  Object.assign(picture, { shown, answer: null, error: null });
  void ask(picture, current.signal);
}

async function ask(picture: Picture, signal: AbortSignal): Promise<void> {
  const asked = picture.shown;
  try {
    const given = await answer(asked, signal);
    if (picture.shown === asked) picture.answer = given;
  } catch (error) {
    if (signal.aborted) return;
    if (picture.shown === asked) picture.error = error;
  }
  if (!signal.aborted && picture.shown === asked) changed(picture);
}
