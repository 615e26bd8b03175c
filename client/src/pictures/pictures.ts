// The pictures being looked at, answered one after the other. Given up together when others come.
import { told } from "../assessment/told.ts";
import type { Assessment } from "../assessment/assess.ts";
import type { Reading } from "../assessment/told.ts";
import { newId } from "../cases/case.ts";
import type { Meant } from "../cases/meant.ts";
import { forPicture } from "../engine/outputs/picture.ts";
import { type Answer, answer, answerOnServer, PlainError, type Student } from "../engine/index.ts";
import { keepKnown, keepShown, keepUnsaved, type Unsaved } from "./unsaved.ts";

export interface Picture {
  readonly id: string;
  readonly name: string;
  /** As it was given. */
  readonly original: Blob;
  /** What is answered: the original, or what was cropped and turned from it. */
  shown: Blob;
  answer: Answer | null;
  /** What was told of the answer last; an alarm in it stands. */
  told: Assessment | null;
  /** Why there is no answer. */
  error: unknown;
  /** Whether the server was asked for it, by a person's consent. */
  sent: boolean;
  /** Whether it lies in a case. */
  saved: boolean;
  /** The case or patient that it was taken for. */
  readonly meant: Meant;
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
 * @param meant what they were taken for, if anything
 */
export function takePictures(files: Given[], meant: Meant): void {
  const unknown = { answer: null, told: null, error: null, sent: false, saved: false };
  take(files.map(({ blob, ...rest }) => ({ ...rest, ...unknown, id: newId(), original: blob, shown: blob, meant })));
  keepUnsaved(pictures);
}

/** Take back what was not saved before the page was loaded again: what was told of it then still holds. */
export function takeBack(before: Unsaved[]): void {
  take(before.map(({ at: _, place: __, ...picture }) => ({ ...picture, error: null, sent: false, saved: false })));
}

function take(next: Picture[]): void {
  current.abort();
  current = new AbortController();
  pictures = next;
  for (const picture of pictures) if (!picture.answer) void ask(picture, current.signal);
}

/** To be called once a picture lies in a case. */
export function markSaved(picture: Picture): void {
  picture.saved = true;
  keepKnown(picture);
}

/** Answer other pixels in a picture's place. */
export function answerInstead(picture: Picture, shown: Blob): void {
  Object.assign(picture, { shown, answer: null, told: null, error: null, sent: false, saved: false });
  keepShown(picture);
  void ask(picture, current.signal);
}

/** Wait no longer for this device; if its answer comes all the same, it is taken. */
export function giveUpWaiting(picture: Picture): void {
  if (picture.answer) return;
  picture.error = new PlainError("slow", "The network has not been loaded on this device yet.");
  changed(picture);
}

/** Send pictures to the server. Called only by the button with which a person allows just that. */
export function sendToServer(given: readonly Picture[]): void {
  for (const picture of given) {
    Object.assign(picture, { error: null, sent: true });
    void ask(picture, current.signal);
  }
}

/** A picture's answer as it is told now; null without one. */
export function readingOf(picture: Picture, student: Student): Reading | null {
  if (!picture.answer) return null;
  const answering = forPicture(student, picture.answer.picture);
  const before = picture.told;
  picture.told = told(picture.answer, answering, before);
  if (before?.level !== picture.told.level) keepKnown(picture); // an alarm stands, also after the page is loaded again
  return { answer: picture.answer, student: answering, told: picture.told };
}

async function ask(picture: Picture, signal: AbortSignal): Promise<void> {
  const asked = picture.shown;
  try {
    const given = await (picture.sent ? answerOnServer : answer)(asked, signal);
    if (picture.shown === asked) Object.assign(picture, { answer: given, error: null });
  } catch (error) {
    if (signal.aborted) return;
    if (picture.shown === asked) picture.error = error;
  }
  if (!signal.aborted && picture.shown === asked) changed(picture);
}
