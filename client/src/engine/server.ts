// The server's half: `POST /api/v1/predict`, for browsers that cannot run the student themselves.
import { BASE } from "../base.ts";
import type { ImageAnswer, PredictAnswer } from "../generated/predict_answer.ts";
import { PlainError, type Answer, type ProblemCode } from "./types.ts";

const TRIES = 4;
const LOCKED =
  "This server asks for a key, which this page cannot give. Ask whoever runs it, or use a browser with WebAssembly: " +
  "it answers by itself, without the server.";
const CODES: Record<number, ProblemCode> = { 400: "unreadable", 413: "too_large", 415: "unreadable", 503: "busy" };

/** Send one picture and return its answer; waits and tries again while the server is busy. */
export async function answerOnServer(picture: Blob | ImageBitmap, signal?: AbortSignal): Promise<Answer> {
  const form = new FormData();
  form.append("image", picture instanceof Blob ? picture : await asFile(picture), "picture");
  for (let attempt = 1; ; attempt++) {
    const response = await reach(`${BASE}api/v1/predict`, { method: "POST", body: form, ...(signal && { signal }) });
    const body: unknown = await response.json().catch(() => ({}));
    if (response.ok) {
      const { bundle, predictions } = body as PredictAnswer;
      // Of a single picture that cannot be used the status tells; and its heat map was not declined.
      const answer = predictions[0] as Pick<Answer, keyof ImageAnswer>;
      return { ...answer, bundle, engine: "server", milliseconds: null };
    }
    // What the server says of it is meant for programs.
    if (response.status === 401) throw new PlainError("locked", LOCKED);
    if (response.status !== 503 || attempt === TRIES) {
      const detail = (body as { detail?: string }).detail;
      throw new PlainError(
        CODES[response.status] ?? "failed",
        detail ?? `The server answered ${response.status}. Please try again.`,
      );
    }
    await pause(Number(response.headers.get("Retry-After") ?? 1), signal);
  }
}

/** Write pixels as a PNG file, and let them go. */
async function asFile(pixels: ImageBitmap): Promise<Blob> {
  const canvas = new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext("2d")!.drawImage(pixels, 0, 0);
  pixels.close();
  return canvas.convertToBlob();
}

async function reach(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new PlainError(
      "unreachable",
      "The server cannot be reached. Check that it still runs, then try again.",
    );
  }
}

function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}
