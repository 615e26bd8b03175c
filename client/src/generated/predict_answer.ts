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
  assessment: AssessmentAnswer;
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
  out_of_distribution: OutOfDistributionAnswer | null;
  /**
   * Null where the bundle knows no kinds of pictures.
   */
  picture: PictureAnswer | null;
}
/**
 * What a person is told. It alone says whether there is an alarm, and nothing takes one back.
 *
 * `see_doctor`: show the lesion to a doctor within two weeks. `cannot_judge`: take another picture.
 * `unclear`: ask a doctor. `no_sign`: no sign of danger was found. In the measurement this was wrong for
 *     `missed_melanomas.per_100` of 100 melanomas. Whoever shows `no_sign` must show that figure beside it.
 */
export interface AssessmentAnswer {
  level: "see_doctor" | "cannot_judge" | "unclear" | "no_sign";
  /**
   * Why, and what else must be known.
   */
  reasons: (
    | "malignant_above_threshold"
    | "melanoma_above_threshold"
    | "dangerous_class_decided"
    | "dangerous_class_most_probable"
    | "unlike_known_lesions"
    | "poor_picture"
    | "classes_differ"
    | "no_class_fits"
    | "danger_not_excluded"
    | "hair"
  )[];
  /**
   * Codes of the classes to name, a dangerous one first.
   */
  classes: string[];
  /**
   * The operating point that it was decided at.
   */
  sensitivity: number | null;
  /**
   * With `no_sign` only; null where nobody measured.
   */
  missed_melanomas: MissedMelanomas | null;
}
/**
 * Of `n_lesions` melanomas of `split`, how many the assessment at a sensitivity answers with `no_sign`.
 *
 * A lesion counts as missed when any of its images is answered so. Both targets' cautious thresholds of that
 * sensitivity, the decision rule and the conformal set take part. Detector and quality do not: they would
 * call some images `cannot_judge`. `per_100` is 100 `missed` / `n_lesions`; `low` to `high` is its 95 %
 * interval by Clopper and Pearson 1934 (doi:10.1093/biomet/26.4.404).
 */
export interface MissedMelanomas {
  split: string;
  n_lesions: number;
  missed: number;
  per_100: number;
  low: number;
  high: number;
}
/**
 * What about the photograph may make the answer wrong: a code for programs, a sentence for people.
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
export interface OutOfDistributionAnswer {
  /**
   * Distance from known lesions; above 1 is too far.
   */
  score: number;
  refused: boolean;
}
/**
 * Which kind of picture the network saw: through a dermatoscope, a clinical close-up, or neither.
 */
export interface PictureAnswer {
  kind: "dermoscopic" | "clinical" | "neither";
  /**
   * That it is dermoscopic and not clinical.
   */
  dermoscopic_probability: number;
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
