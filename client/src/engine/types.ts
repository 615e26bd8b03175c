// What the engine takes and gives. What crosses a border is generated from the server's models: `make types`.
import type { BundleSpec, ClassSpec } from "../generated/bundle_spec.ts";
import type { ImageAnswer, PredictAnswer } from "../generated/predict_answer.ts";

export type Risk = ClassSpec["risk"];

/** Who answered: the student inside this browser, or the server, to which a person then chose to send the picture. */
export type EngineName = "device" | "server";

/** One picture's answer, as the API gives it; research use, never a diagnosis. */
export interface Answer extends Omit<ImageAnswer, "picture"> {
  /** Absent from cases that were saved before the page told it. */
  picture?: ImageAnswer["picture"];
  /** At the usual sensitivity; what the page tells is decided at the chosen one (assessment/told.ts). */
  assessment: ImageAnswer["assessment"];
  heat_map: number[][];
  bundle: PredictAnswer["bundle"];
  engine: EngineName;
  /** How long each step took; null when the server answered. */
  milliseconds: Milliseconds | null;
}

/** Steps between a picture and its answer; `verdict` is all that follows the network. */
export type Milliseconds = Record<"decode" | "resize" | "model" | "verdict", number>;

/** The parts of bundle.json that a page shows. */
export interface Student extends Pick<BundleSpec, "name" | "version" | "classes" | "operating_points" | "metrics"> {
  /** Code of the melanoma class; absent from cases that were saved before it was kept. */
  melanoma?: BundleSpec["melanoma"];
  /** Absent from cases that were saved before the page showed it. */
  conformal?: BundleSpec["conformal"];
  /** Absent from saved cases, which keep the operating points of their picture's kind. */
  pictures?: BundleSpec["pictures"];
}

/**
 * Which half answers. `files` are the addresses that it was loaded from, to be kept for use without network.
 * `reason` says to a developer why it is the server.
 */
export type EngineState =
  | { engine: "device"; threads: number; files: string[] }
  | { engine: "server"; reason: string };

/** What went wrong, for translation; `message` says it in English. */
export type ProblemCode =
  | "unreadable" // the picture cannot be read
  | "too_large" // it has too many pixels or bytes
  | "no_engine" // this browser cannot run the network
  | "slow" // the network has not been loaded, and a person would not wait longer
  | "unreachable" // there is no connection to the server, and it would be needed
  | "busy" // the server is busy, after several tries
  | "locked" // the server asks for a key, which the page has not
  | "failed"; // the engine or the server made a mistake

/** An error whose message can be shown to a person as it is. */
export class PlainError extends Error {
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string) {
    super(message);
    this.code = code;
    this.name = "PlainError";
  }
}
