// Made by `make types` from the Python models; do not edit.

/**
 * The answers, in the order of the pictures.
 */
export interface PredictAnswer {
  bundle: Bundle;
  notice: string;
  predictions: (ImageAnswer | ImageFailure)[];
}
/**
 * Which student answered.
 */
export interface Bundle {
  name: string;
  version: string;
}
/**
 * One picture's answer. Research use; never a diagnosis.
 */
export interface ImageAnswer {
  /**
   * Class code by the bundle's decision rule.
   */
  diagnosis: string;
  name: string;
  /**
   * What the class is, in plain words.
   */
  plain: string;
  risk: "malignant" | "precursor" | "benign";
  /**
   * What translations of name and plain words are kept under; may be empty.
   */
  key: string;
  /**
   * Calibrated, one for each class code, summing to 1.
   */
  probabilities: {
    [k: string]: number;
  };
  malignant_probability: number;
  /**
   * Rows that cover the whole picture: where it speaks for `diagnosis`.
   */
  heat_map: number[][] | null;
  quality: Quality[];
  conformal: ConformalAnswer[] | null;
  out_of_distribution: Gate | null;
}
/**
 * What about the photograph may spoil the answer: a code for programs, a sentence for people.
 */
export interface Quality {
  code: "too_small" | "blurred" | "too_dark" | "too_bright" | "out_of_frame" | "hair";
  message: string;
}
/**
 * The classes that may be the true one, made to hold it in a `coverage` share of cases.
 *
 * What share of each class they really held on test images is in `GET /api/v1/model`: less for some.
 */
export interface ConformalAnswer {
  coverage: number;
  codes: string[];
}
/**
 * Whether the picture looks like no lesion at all.
 */
export interface Gate {
  score: number;
  energy: number | null;
  refused: boolean;
}
/**
 * In the place of a picture that cannot be used.
 */
export interface ImageFailure {
  error: Problem;
}
/**
 * Why there is no answer; programs tell problems apart by `type`.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
}
