// The engine as the page sees it: a picture in, an answer out. Which half answered is in `answer.engine`.
import { answerOnServer, studentOnServer } from "./server";
import type { Answer, EngineState, Student } from "./types";

export * from "./types";

/**
 * Answer one picture.
 *
 * @param picture a file, upright by its own EXIF orientation; or pixels, which are taken over (an ImageBitmap is
 *   closed, so make one for each call).
 * @param signal gives the answer up; the promise is then rejected with the signal's reason.
 * @throws PlainError when there is no answer.
 */
export async function answer(picture: Blob | ImageBitmap, signal?: AbortSignal): Promise<Answer> {
  return answerOnServer(picture, signal);
}

/** Load the engine ahead of the first picture, and say which half will answer. Never rejected. */
export function prepare(): Promise<EngineState> {
  return Promise.resolve({ engine: "server", reason: "not there yet" });
}

/** Describe the student that answers: classes in the model's order, operating points, test results. */
export function student(): Promise<Student> {
  return studentOnServer();
}
