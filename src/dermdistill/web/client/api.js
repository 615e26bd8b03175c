// @ts-check
/**
 * @typedef {{code: string, name: string, risk: string}} ClassSpec
 * @typedef {{name: string, version: string, classes: ClassSpec[], metrics: null | {split: string, n_images: number,
 *   values: Record<string, {value: number}>}}} Model
 * @typedef {{diagnosis: string, name: string, plain: string, risk: string, probabilities: Record<string, number>,
 *   malignant_probability: number, heat_map: number[][], quality: {code: string, message: string}[],
 *   out_of_distribution: null | {score: number, refused: boolean}}} Answer
 */

/** An error whose message can be shown to a person as it is. */
export class PlainError extends Error {}

const TRIES = 4;

/**
 * Send one picture and return its answer; waits and tries again while the server is busy.
 * @param {Blob} picture
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function predict(picture, signal) {
  const form = new FormData();
  form.append("image", picture, "picture");
  for (let attempt = 1; ; attempt++) {
    const response = await reach("/api/v1/predict", { method: "POST", body: form, signal });
    const body = await response.json().catch(() => ({}));
    if (response.ok) return body.predictions[0];
    if (response.status !== 503 || attempt === TRIES) {
      throw new PlainError(body.detail ?? `The server answered ${response.status}. Please try again.`);
    }
    await pause(Number(response.headers.get("Retry-After") ?? 1), signal);
  }
}

/** @returns {Promise<Model>} */
export async function model() {
  return (await reach("/api/v1/model", {})).json();
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new PlainError("The server cannot be reached. Check that it still runs, then try again.");
  }
}

/**
 * @param {number} seconds
 * @param {AbortSignal} signal
 */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}
