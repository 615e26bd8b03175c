// The live camera: picture, framing guide, short answer, and a button that freezes what lies in the guide.
import { prepare, type Student } from "../engine/index.ts";
import { button, element, make } from "../page/make.ts";
import { complain } from "../page/notices.ts";
import { addView, draw, go } from "../page/views.ts";
import { locale, t } from "../words/words.ts";
import { guide } from "./guide.ts";
import { answerLive, grab } from "./live.ts";
import { liveAnswer } from "./live_answer.ts";
import { torchButton } from "./torch.ts";

const WANTED = { video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 960 } } };

/** @param take called with what was frozen */
export function addCameraView(description: Promise<Student>, take: (picture: Blob, name: string) => void): void {
  addView("camera", "camera.title", (stage) => {
    const leaving = new AbortController();
    const video = make("video", { muted: true, playsInline: true, attributes: { "aria-label": t("camera.video") } });
    const frame = make("div", { className: "guide", attributes: { "aria-hidden": "true" } });
    const finder = make("div", { className: "finder" }, video, frame);
    const place = make("div", {}, make("p", { className: "fine", textContent: t("camera.starting") }));
    const freeze = button(t("camera.freeze"), () => void frozen(), "button");
    Object.assign(freeze, { id: "freeze", disabled: true });

    async function frozen(): Promise<void> {
      const pixels = await grab(video);
      take(await lossless(pixels), t("camera.picture", { time: new Date().toLocaleTimeString(locale()) }));
    }

    async function run(): Promise<void> {
      const stream = await openCamera();
      const stop = (): void => stream.getTracks().forEach((track) => track.stop());
      if (leaving.signal.aborted) return stop();
      leaving.signal.addEventListener("abort", stop);
      video.srcObject = stream;
      await video.play();
      finder.style.setProperty("--ratio", String(video.videoWidth / video.videoHeight));
      putGuide(frame, video);
      const lamp = torchButton(stream);
      if (lamp) freeze.after(lamp);
      freeze.disabled = false;
      freeze.focus();
      const [student, { engine }] = await Promise.all([description, prepare()]);
      // Every frame over the network would be slow, and send pictures that nobody chose.
      if (engine === "server") place.replaceChildren(make("p", { textContent: t("camera.server") }));
      else {
        const short = liveAnswer(student);
        place.replaceChildren(short.element);
        await answerLive(video, leaving.signal, short.show);
      }
    }

    const title = make("h1", { textContent: t("camera.title") });
    const how = make("p", { textContent: t("camera.how") });
    const actions = make("div", { className: "actions pinned" }, freeze, button(t("camera.stop"), () => go("")));
    const view = make("section", { className: "camera-view" }, title, how, finder, place, actions);
    stage.append(view);
    run().catch((error: unknown) => {
      if (leaving.signal.aborted) return;
      // Without a camera there is nothing to frame or to freeze, only another way.
      view.replaceChildren(title, otherWays());
      complain(t(why(error)));
    });
    return () => {
      leaving.abort();
      complain("");
    };
  });
}

function otherWays(): HTMLElement {
  const choose = (): void => {
    go("");
    element("choose").click();
  };
  return make(
    "div",
    { className: "actions" },
    button(t("camera.choose"), choose, "button"),
    button(t("camera.again"), draw),
  );
}

async function openCamera(): Promise<MediaStream> {
  // Some browsers have no camera at all, on the most secure of pages.
  if (!navigator.mediaDevices) throw new DOMException("", isSecureContext ? "NotFoundError" : "SecurityError");
  return navigator.mediaDevices.getUserMedia(WANTED);
}

function why(error: unknown): "camera.denied" | "camera.insecure" | "camera.none" {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "camera.denied";
  return name === "SecurityError" ? "camera.insecure" : "camera.none";
}

function putGuide(frame: HTMLElement, { videoWidth, videoHeight }: HTMLVideoElement): void {
  const { x, y, width, height } = guide(videoWidth, videoHeight);
  Object.assign(frame.style, {
    left: `${(100 * x) / videoWidth}%`,
    top: `${(100 * y) / videoHeight}%`,
    width: `${(100 * width) / videoWidth}%`,
    height: `${(100 * height) / videoHeight}%`,
  });
}

async function lossless(pixels: ImageBitmap): Promise<Blob> {
  const canvas = new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext("2d")!.drawImage(pixels, 0, 0);
  pixels.close();
  return canvas.convertToBlob();
}
