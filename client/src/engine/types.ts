// What the engine takes and gives. The names are those of the API's JSON (web/answers.py) and of bundle.json
// (bundle/schema.py), which say what each value means.

export type Risk = "malignant" | "precursor" | "benign";

/** Who answered: the student inside this browser, or the server, to which the picture was then sent. */
export type EngineName = "device" | "server";

export interface QualityWarning {
  /** `too_small`, `blurred`, `too_dark`, `too_bright`, `out_of_frame`, `hair`; a newer server may know more. */
  code: string;
  message: string;
}

export interface ConformalSet {
  coverage: number;
  /** Likeliest first; may be empty. */
  codes: string[];
}

export interface Gate {
  score: number;
  energy: number | null;
  refused: boolean;
}

export interface BundleName {
  name: string;
  version: string;
}

/** One picture's answer. Research use; never a diagnosis. */
export interface Answer {
  diagnosis: string;
  name: string;
  plain: string;
  risk: Risk;
  probabilities: Record<string, number>;
  malignant_probability: number;
  /** Rows of values 0-1 that cover the whole picture: where it speaks for `diagnosis`. */
  heat_map: number[][];
  quality: QualityWarning[];
  conformal: ConformalSet[] | null;
  out_of_distribution: Gate | null;
  bundle: BundleName;
  engine: EngineName;
  /** How long each step took; null when the server answered. */
  milliseconds: Milliseconds | null;
}

/** Steps between a picture and its answer; `verdict` is all that follows the network. */
export type Milliseconds = Record<"decode" | "resize" | "model" | "verdict", number>;

export interface ClassSpec {
  code: string;
  name: string;
  risk: Risk;
}

/** A threshold, and what it did when it was measured. */
interface Limit {
  threshold: number;
  measured_sensitivity: number | null;
  measured_specificity: number | null;
  positive_predictive_value: number | null;
  negative_predictive_value: number | null;
}

export interface OperatingPoint extends Limit {
  target: "mel" | "malignant";
  sensitivity: number;
  split: string;
  prevalence: number | null;
  cautious: Limit | null;
}

export interface Interval {
  value: number;
  low: number | null;
  high: number | null;
}

export interface Metrics {
  split: string;
  n_images: number;
  n_lesions: number;
  values: Record<string, Interval>;
}

/** A coverage that the conformal sets were made for, and the share of each class that they held when measured. */
export interface ConformalLevel {
  coverage: number;
  measured_coverage?: Record<string, number> | null;
}

/** The parts of bundle.json that a page shows. */
export interface Student extends BundleName {
  classes: ClassSpec[];
  operating_points: OperatingPoint[];
  /** Absent from cases that were saved before the page showed it. */
  conformal?: { levels: ConformalLevel[] } | null;
  metrics: Metrics | null;
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
