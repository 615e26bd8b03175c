// The page's end of the worker: gives it one picture at a time, and notices when it dies.
import type { Ask } from "./messages.ts";
import { nextReply, type Report, SCRIPT, startWorker } from "./start_worker.ts";
import { PlainError, type Answer } from "./types.ts";

// The student is small: more threads than this wait for each other.
const MOST_THREADS = 4;
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
  static async start(report: Report): Promise<WorkerEngine> {
    if (typeof WebAssembly !== "object") throw new Error("This browser has no WebAssembly.");
    if (!isSecureContext) throw new Error("The page was not opened by https, so the browser proves no checksums.");
    if (typeof OffscreenCanvas !== "function") throw new Error("This browser cannot read pixels in a worker.");
    const threads = Math.min(navigator.hardwareConcurrency, MOST_THREADS);
    const { worker, reply } = await startWorker(threads, report);
    if (reply.kind === "ready") return new WorkerEngine(worker, reply.threads, [SCRIPT, ...reply.files]);
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

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
