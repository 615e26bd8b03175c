// The worker that the device's half lives in, so that the page never waits for it. Answers one picture at a time.
// Its name says on how many threads it may work.
import { BASE } from "../base.ts";
import { Device } from "./device.ts";
import type { Ask, Reply } from "./messages.ts";
import { PlainError } from "./types.ts";

declare const LITERT_FOLDER: string; // put in by build.mjs

const starting = Device.start(BASE + LITERT_FOLDER, Number(self.name), (loaded, total) =>
  say({ kind: "loading", loaded, total }),
);

starting.then(
  (device) => say({ kind: "ready", threads: device.threads, files: device.files }),
  (error: unknown) =>
    say({
      kind: "failed",
      reason: String(error),
      unreachable: error instanceof PlainError && error.code === "unreachable",
    }),
);

addEventListener("message", async ({ data }: MessageEvent<Ask>) => {
  try {
    const device = await starting;
    say({ kind: "answer", answer: await device.answer(data.picture) });
  } catch (error) {
    const code = error instanceof PlainError ? error.code : "failed";
    say({ kind: "problem", code, message: error instanceof Error ? error.message : String(error) });
  }
});

function say(reply: Reply): void {
  postMessage(reply);
}
