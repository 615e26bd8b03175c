// Starts the worker with its engine inside; where that falls silent on several threads, once more on one.
import { BASE } from "../base.ts";
import type { Reply } from "./messages.ts";

export const SCRIPT = `${BASE}assets/worker.js`;

/** Told how many bytes have come, of how many. */
export type Report = (loaded: number, total: number) => void;
export type Started = { worker: Worker; reply: Reply };

/**
 * Milliseconds without a word from the worker, after everything has come, until it is taken to hang. Firefox on one core
 * sometimes never starts the threads it was asked for. What is left to do by then, compile and one self-test, takes under
 * a second on a computer; a phone twenty times slower is still waited for.
 */
export const SILENCE = 20_000;

/**
 * Start the worker, and return it with its first word: whether it is ready.
 * @param threads to work on. Where more than one do not start, one is tried; and where that other runtime cannot be
 *   fetched, as without a network, the threads once more.
 */
export async function startWorker(threads: number, report: Report): Promise<Started> {
  if (threads < 2) return attempt(1, report);
  const first = await attempt(threads, report, SILENCE);
  if (first.reply.kind !== "failed" || first.reply.unreachable) return first;
  const second = await attempt(1, report);
  return second.reply.kind === "failed" && second.reply.unreachable ? attempt(threads, report) : second;
}

/** Start one worker; one that does not become ready is ended. */
async function attempt(threads: number, report: Report, silence = Infinity): Promise<Started> {
  const worker = new Worker(SCRIPT, { name: String(threads) });
  const reply = await firstReply(worker, report, silence);
  if (reply.kind !== "ready") worker.terminate();
  return { worker, reply };
}

async function firstReply(worker: Worker, report: Report, silence: number): Promise<Reply> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silent = new Promise<Reply>((resolve) => {
    const give = (): void => resolve({ kind: "failed", reason: "The worker fell silent.", unreachable: false });
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
      clearTimeout(timer);
      const complete = data.kind === "loading" && data.loaded >= data.total;
      if (complete && silence < Infinity) timer = setTimeout(give, silence);
    });
  });
  return Promise.race([nextReply(worker, report), silent]);
}

/** Wait for the worker's next word; its death is one, too. How far it is with loading is only reported. */
export function nextReply(worker: Worker, report: Report = () => undefined): Promise<Reply> {
  return new Promise((resolve) => {
    const ears = new AbortController();
    const hear = (reply: Reply): void => {
      if (reply.kind === "loading") return report(reply.loaded, reply.total);
      ears.abort();
      resolve(reply);
    };
    const { signal } = ears;
    worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => hear(data), { signal });
    worker.addEventListener(
      "error",
      ({ message }) => hear({ kind: "failed", reason: message || "The worker cannot be loaded.", unreachable: false }),
      { signal },
    );
  });
}
