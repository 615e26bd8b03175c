// Answers while the camera runs: always of the newest frame. The next is taken only after the last was answered,
// so none ever waits.
import { type Answer, answer } from "../engine/index.ts";
import { guide } from "./guide.ts";

/** Answer until the signal. Errors of single frames are passed over: the next one follows at once. */
export async function answerLive(
  video: HTMLVideoElement,
  signal: AbortSignal,
  show: (answer: Answer, perSecond: number) => void,
): Promise<void> {
  let answered = 0;
  let rate = 0;
  let last = performance.now();
  while (!signal.aborted) {
    await nextFrame(video);
    if (signal.aborted || video.videoWidth === 0) continue;
    const given = await grab(video)
      .then((pixels) => answer(pixels, signal))
      .catch(() => null);
    if (signal.aborted) return;
    const now = performance.now();
    const latest = 1000 / (now - last);
    // The first waits for the engine, so it says nothing of how fast the others are.
    rate = answered < 3 ? latest : 0.9 * rate + 0.1 * latest;
    last = now;
    if (!given) continue;
    answered += 1;
    show(given, rate);
  }
}

/** The pixels inside the guide. */
export function grab(video: HTMLVideoElement): Promise<ImageBitmap> {
  const { x, y, width, height } = guide(video.videoWidth, video.videoHeight);
  return createImageBitmap(video, x, y, width, height);
}

function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    // Where the camera stops giving frames, look again after a moment, so that the loop can end.
    const late = setTimeout(resolve, 500);
    const come = (): void => {
      clearTimeout(late);
      resolve();
    };
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(come);
    else requestAnimationFrame(come);
  });
}
