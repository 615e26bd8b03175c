// The page's end of the worker: starts it, gives it one picture at a time, and notices when it dies.
import { BASE } from "../base.ts";
import type { Ask, Reply } from "./messages.ts";
import { PlainError, type Answer } from "./types.ts";

// The student is small: more threads than this wait for each other.
const MOST_THREADS = 4;
const SCRIPT = `${BASE}assets/worker.js`;
const STOPPED = "The engine stopped; try again.";

export class WorkerEngine {
  readonly threads: number;
  /** Where everything was loaded from. */
  readonly files: string[];
  private readonly worker: Worker;
  private last: Promise<unknown> = Promise.resolve();
  private stopped = false;

  private constructor(worker: Worker, threads: number, files: string[]) {
    this.worker = worker;
    this.threads = threads;
    this.files = files;
  }

  /**
   * Start the worker and wait for its self-test; rejected with the reason when it cannot answer.
   * @param report told how many bytes have come, of how many
   */
  static async start(report: (loaded: number, total: number) => void): Promise<WorkerEngine> {
    if (typeof WebAssembly !== "object") throw new Error("This browser has no WebAssembly.");
    if (!isSecureContext) throw new Error("The page was not opened by https, so the browser proves no checksums.");
    if (typeof OffscreenCanvas !== "function") throw new Error("This browser cannot read pixels in a worker.");
    const threads = Math.min(navigator.hardwareConcurrency, MOST_THREADS);
    const worker = new Worker(SCRIPT, { name: String(threads) });
    const reply = await nextReply(worker, report);
    if (reply.kind === "ready") return new WorkerEngine(worker, reply.threads, [SCRIPT, ...reply.files]);
    worker.terminate();
    const reason = reply.kind === "failed" ? reply.reason : "The worker speaks out of turn.";
    if (reply.kind === "failed" && reply.unreachable) throw new PlainError("unreachable", reason);
    throw new Error(reason);
  }

  /** Answer one picture after those asked for before; one that is given up while it waits costs nothing. */
  answer(picture: Blob | ImageBitmap, signal?: AbortSignal): Promise<Answer> {
    const turn = this.last.then(() => {
      signal?.throwIfAborted();
      return this.ask(picture);
    });
    this.last = turn.catch(() => undefined);
    return signal ? Promise.race([turn, aborted(signal)]) : turn;
  }

  /** Let the worker go; it answers nothing more. */
  stop(): void {
    this.stopped = true;
    this.worker.terminate();
  }

  private async ask(picture: Blob | ImageBitmap): Promise<Answer> {
    if (this.stopped) throw new PlainError("failed", STOPPED);
    const reply = nextReply(this.worker);
    this.worker.postMessage({ picture } satisfies Ask, picture instanceof Blob ? [] : [picture]);
    const said = await reply;
    if (said.kind === "answer") return said.answer;
    if (said.kind === "problem") throw new PlainError(said.code, said.message);
    throw new PlainError("failed", STOPPED);
  }
}

/** Wait for the worker's next word; its death is one, too. How far it is with loading is only reported. */
function nextReply(worker: Worker, report: (loaded: number, total: number) => void = () => undefined): Promise<Reply> {
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

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
