// The engine as the page sees it: a picture in, an answer out. Which half answered is in `answer.engine`.
import { loadStudent } from "./bundle.ts";
import type { Loading } from "./loading.ts";
import { PlainError, type Answer, type EngineState, type Student } from "./types.ts";
import { WorkerEngine } from "./worker_engine.ts";

export { answerOnServer } from "./server.ts";
export { decode, pixelsOf, shownUpright } from "./image/decode.ts";
export * from "./types.ts";
export type { Loading } from "./loading.ts";
export type { ClassSpec, OperatingPoint } from "../generated/bundle_spec.ts";
export type { Quality } from "../generated/predict_answer.ts";

let starting: Promise<WorkerEngine | string> | null = null;
let loading: Loading = { state: "loading", loaded: 0, total: 0 };
const watchers = new Set<(loading: Loading) => void>();

/** Be told how far the engine has been loaded: now, and with every step. Returns how to be told no more. */
export function onLoading(watcher: (loading: Loading) => void): () => void {
  watchers.add(watcher);
  watcher(loading);
  return () => void watchers.delete(watcher);
}

function told(next: Loading): void {
  loading = next;
  for (const watcher of watchers) watcher(next);
}

/**
 * Answer one picture on this device. Nothing is sent anywhere: who cannot be answered here may be asked whether the
 * picture may go to the server (`answerOnServer`).
 *
 * @param picture a file, upright by its own EXIF orientation; or the pixels of a camera's frame, which this device
 *   looks at once only, and which are taken over (an ImageBitmap is closed, so make one for each call).
 * @param signal gives the answer up; the promise is then rejected with the signal's reason.
 * @throws PlainError when there is no answer.
 */
export async function answer(picture: Blob | ImageBitmap, signal?: AbortSignal): Promise<Answer> {
  const started = start();
  const engine = await started;
  signal?.throwIfAborted();
  if (typeof engine === "string") throw new PlainError("no_engine", "This browser cannot run the network.");
  try {
    return await engine.answer(picture, signal);
  } catch (error) {
    if (error instanceof PlainError && error.code === "failed") {
      engine.stop(); // what is broken stays so; the next picture gets a new one
      if (starting === started) starting = null;
    }
    throw error;
  }
}

/** Whether the server may be able to answer what this browser could not: TIFF, HEIC, DICOM, or without an engine. */
export function serverMight(error: unknown): boolean {
  return error instanceof PlainError && ["no_engine", "unreadable", "failed", "slow"].includes(error.code);
}

/** Load the engine ahead of the first picture, and say which half will answer. Never rejected. */
export async function prepare(): Promise<EngineState> {
  const engine = await start();
  if (typeof engine === "string") return { engine: "server", reason: engine };
  return { engine: "device", threads: engine.threads, files: engine.files };
}

/** Describe the student that answers: classes in the model's order, operating points, test results. */
export function student(): Promise<Student> {
  return loadStudent();
}

/** The engine in its worker, or why there is none. Tried again only after a broken connection. */
function start(): Promise<WorkerEngine | string> {
  starting ??= WorkerEngine.start((loaded, total) => told({ state: "loading", loaded, total })).then(
    (engine) => {
      told({ ...loading, state: "ready" });
      return engine;
    },
    (error: unknown) => {
      if (error instanceof PlainError && error.code === "unreachable") starting = null;
      told({ ...loading, state: "absent" });
      return error instanceof Error ? error.message : String(error);
    },
  );
  return starting;
}
