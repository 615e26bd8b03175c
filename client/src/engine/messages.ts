// What the page and its worker say to each other.
import type { Answer, ProblemCode } from "./types.ts";

export interface Ask {
  picture: Blob | ImageBitmap;
}

export type Reply =
  | { kind: "ready"; threads: number; files: string[] }
  | { kind: "loading"; loaded: number; total: number }
  | { kind: "failed"; reason: string; unreachable: boolean }
  | { kind: "answer"; answer: Answer }
  | { kind: "problem"; code: ProblemCode; message: string };
