// The lamp of a phone's rear camera, where the browser offers it.
import { button } from "../page/make.ts";
import { complain } from "../page/notices.ts";
import { t } from "../words/words.ts";

// Not in every browser, so not in TypeScript's description of them.
interface WithTorch {
  torch?: boolean;
}

/** A button that switches the lamp; null when this camera has none. */
export function torchButton(stream: MediaStream): HTMLButtonElement | null {
  const [track] = stream.getVideoTracks();
  const offered = track?.getCapabilities?.() as WithTorch | undefined;
  if (!track || !offered?.torch) return null;
  const lamp = button(t("camera.torch"), () => void turn());
  lamp.setAttribute("aria-pressed", "false");

  async function turn(): Promise<void> {
    const torch = lamp.getAttribute("aria-pressed") !== "true";
    try {
      await track!.applyConstraints({ advanced: [{ torch } as MediaTrackConstraintSet] });
      lamp.setAttribute("aria-pressed", String(torch));
    } catch {
      complain(t("camera.no_torch"));
    }
  }
  return lamp;
}
