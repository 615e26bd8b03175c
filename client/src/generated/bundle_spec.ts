// Made by `make types` from the Python models; do not edit.

/**
 * bundle.json: everything an engine must know about a student, and everything a reader should.
 *
 * `quantization`, `parity` and `self_test` describe `model_file`; `variants` describe themselves. With an
 * int8 file `float_parity` is what the same conversion without rounding gives.
 * Probabilities are `softmax(logits / temperature)`. `class_priors` are the class shares of the training
 * images. The decision `argmax_p` answers the most probable class. `argmax_p_over_prior` is prior-corrected:
 * it answers the class whose probability is largest in relation to its `class_priors`. `spec_sha256` is the
 * SHA-256 of bundle.json without this field, in canonical form (RFC 8785). `classes` are in the order of the
 * outputs, and training saw each of them. `melanoma` is the code of the class that is melanoma, if one is.
 * `class_table` names the table that they were taken from.
 */
export interface BundleSpec {
  schema_version: 2;
  name: string;
  version: string;
  created: string;
  intended_use: string;
  licences: {
    [k: string]: string;
  };
  class_table: string;
  classes: ClassSpec[];
  melanoma: string | null;
  model_file: string;
  quantization: "float32" | "float16" | "int8";
  input: InputSpec;
  outputs: {
    [k: string]: OutputSpec;
  };
  temperature: number;
  class_priors: {
    [k: string]: number;
  };
  decision: "argmax_p_over_prior" | "argmax_p";
  operating_points: OperatingPoint[];
  conformal: Conformal | null;
  out_of_distribution: OutOfDistribution | null;
  pictures: Pictures | null;
  metrics: Metrics | null;
  parity: Parity;
  float_parity: Parity | null;
  turn_agreement: TurnAgreement | null;
  self_test: SelfTest;
  self_test_answer: SelfTestAnswer | null;
  variants: Variant[];
  training: Training;
  files: {
    [k: string]: FileEntry;
  };
  spec_sha256: string | null;
}
/**
 * One class: what an application must know to show it.
 *
 * `name` and `plain` are English; `key` is what translations of them are kept under, empty where there are
 * none.
 */
export interface ClassSpec {
  code: string;
  name: string;
  plain: string;
  risk: "malignant" | "precursor" | "benign";
  key: string;
}
/**
 * The model's input: RGB uint8 `[batch, size, size, 3]`, 0-255, made by `dermdistill.imaging`.
 *
 * With `quarter_turns` the file itself answers the mean over four quarter turns of the image.
 */
export interface InputSpec {
  size: number;
  dtype: "uint8";
  layout: "NHWC";
  color: "RGB";
  resize: "area-squash";
  quarter_turns: boolean;
}
/**
 * One output: its shape without the batch axis; the key in `outputs` is its name in the signature.
 */
export interface OutputSpec {
  /**
   * @minItems 1
   */
  shape: number[];
}
/**
 * A threshold on a calibrated probability: refer the lesion when `p >= threshold`.
 *
 * `target` says which: `melanoma` is the probability of the bundle's melanoma class, `malignant` the sum
 * over malignant and precursor classes.
 * `sensitivity` is the one asked for; `measured_*` is what `split` gave; predictive values hold for the
 * stated `prevalence` only. `threshold` reaches the sensitivity on the images it was fitted on, so it falls
 * short about half of the time on new ones. `cautious` is for those who cannot accept that.
 * `missed_melanomas` belongs to the sensitivity, so it is the same for both targets.
 */
export interface OperatingPoint {
  target: "melanoma" | "malignant";
  sensitivity: number;
  threshold: number;
  split: string;
  measured_sensitivity: number | null;
  measured_specificity: number | null;
  prevalence: number | null;
  positive_predictive_value: number | null;
  negative_predictive_value: number | null;
  cautious: CautiousPoint | null;
  missed_melanomas: MissedMelanomas | null;
}
/**
 * A lower threshold: with `confidence`, the sensitivity holds for new lesions like the `n_lesions` seen.
 *
 * Each lesion counts by its least suspicious image. The rest is as in `OperatingPoint`.
 */
export interface CautiousPoint {
  threshold: number;
  confidence: number;
  n_lesions: number;
  measured_sensitivity: number | null;
  measured_specificity: number | null;
  positive_predictive_value: number | null;
  negative_predictive_value: number | null;
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
 * Class-conditional split conformal sets: class c is in the set when `1 - p[c] <= quantiles[c]`.
 *
 * Source: Sadinle, Lei, Wasserman 2019, arXiv:1609.00451 (LABEL), scores `1 - p` calibrated per class.
 */
export interface Conformal {
  score: "one_minus_p";
  split: string;
  n_calibration: {
    [k: string]: number;
  };
  levels: ConformalLevel[];
}
/**
 * One coverage level: the per-class quantile of `1 - p[class]` over calibration images of that class.
 *
 * `enough` says which classes have enough lesions to hold `measured_coverage` within 3 points of `coverage`.
 * For the others chance alone moves it further. `mean_set_size` is in classes an image.
 */
export interface ConformalLevel {
  coverage: number;
  quantiles: {
    [k: string]: number;
  };
  measured_coverage: {
    [k: string]: number;
  } | null;
  enough: {
    [k: string]: boolean;
  } | null;
  mean_set_size: number | null;
}
/**
 * Detector: an image is refused when its distance is above `distance_threshold`.
 *
 * With `x = embedding - mean`, `residual` is `|x|^2 - |x @ basis|^2`, what lies outside the space that the
 * orthonormal columns of `basis` span (Wang et al. 2022, arXiv:2203.10807). `residual_per_length` is that
 * divided by `|x|`, or 0 for `x = 0`: so a picture that excites few features does not pass for a lesion
 * (docs/decisions/0007-a-detector-fitted-on-lesions-alone.md). The export chooses between them
 * (docs/decisions/0023-a-detector-over-all-sources.md).
 *
 * `accepted_share` is the share of `split`'s lesions that are accepted. `confidence` is how sure the lab is
 * that new lesions are refused as rarely. `auroc` tells lesions from all pictures that are none,
 * `auroc_by_kind` from those of each kind; the detector was fitted on none of them. `refused_by_kind` is the
 * share of these pictures above the threshold, `accepted_by_class` the share of each class's lesions of
 * `split`. `left_out` holds what detectors refuse that were fitted without a source, by source: how
 * this one may fare on a new one.
 */
export interface OutOfDistribution {
  distance: "residual_per_length" | "residual";
  mean: ArrayFile;
  basis: ArrayFile;
  distance_threshold: number;
  split: string;
  accepted_share: number | null;
  confidence: number | null;
  auroc: number | null;
  auroc_by_kind: {
    [k: string]: number;
  } | null;
  refused_by_kind: {
    [k: string]: number;
  } | null;
  accepted_by_class: {
    [k: string]: number;
  } | null;
  left_out: {
    [k: string]: LeftOut;
  } | null;
}
/**
 * A float32 array in a file of the bundle: raw little-endian values in C order, no header.
 */
export interface ArrayFile {
  file: string;
  /**
   * @minItems 1
   */
  shape: number[];
}
/**
 * What a detector that was fitted without a source refuses: of its lesions, and of other pictures.
 *
 * `refused` is the share of its `n_lesions` dermoscopic lesions of val and test with a refused image.
 * `photographs_refused` is that of everyday photographs; tissue under a microscope and in the eye
 * (`tissue_refused`) and drawn bare skin (`skin_refused`), which resemble lesions more, are apart.
 */
export interface LeftOut {
  n_lesions: number;
  refused: number;
  photographs_refused: number;
  tissue_refused: number | null;
  skin_refused: number | null;
}
/**
 * Tells dermoscopic from clinical pictures by the embedding, in one linear step.
 *
 * With `z = embedding @ weights + bias`, `1 / (1 + exp(-z))` is the probability that the picture is
 * dermoscopic. What `kinds` holds of a kind counts from a probability of `sure_from` for it on; between, the
 * bundle's own values hold. A picture that the out-of-distribution detector refuses is of neither kind; its
 * probabilities and thresholds are chosen all the same, so that no alarm is lost.
 */
export interface Pictures {
  weights: ArrayFile;
  bias: number;
  sure_from: number;
  split: string;
  kinds: {
    [k: string]: OfKind;
  };
}
/**
 * What was fitted on pictures of one kind; where a field is null or empty, the bundle's own value holds.
 *
 * A picture belongs here when it is recognised as of this kind, see `Pictures`; so do the pictures that all
 * of it was fitted and measured on. `recognised` is the share of the pictures of this kind of
 * `Pictures.split` that are recognised as it; `refused` is the share of their lesions with a picture that
 * the out-of-distribution detector refuses.
 */
export interface OfKind {
  temperature: number | null;
  class_priors: {
    [k: string]: number;
  } | null;
  operating_points: OperatingPoint[];
  conformal: Conformal | null;
  distance_threshold: number | null;
  recognised: number | null;
  refused: number | null;
}
/**
 * What the shipped student scored on images that no choice was made on.
 */
export interface Metrics {
  split: string;
  n_images: number;
  n_lesions: number;
  values: {
    [k: string]: Interval;
  };
}
/**
 * A figure and its 95 % interval by lesion bootstrap, where one was computed.
 */
export interface Interval {
  value: number;
  low: number | null;
  high: number | null;
}
/**
 * How a model file differs from the Keras student over `n_images` images of `split`.
 *
 * `top1_agreement` is that of the argmax class, `decision_agreement` of the class the bundle decides for.
 */
export interface Parity {
  split: string;
  n_images: number;
  max_abs_logit_difference: number;
  max_abs_probability_difference: number;
  top1_agreement: number;
  decision_agreement: number | null;
  balanced_accuracy_drop: number | null;
}
/**
 * How far an answer depends on how the camera was held: `n_images` of `split` in four quarter turns.
 *
 * `diagnosis` is the share of the images with one decided class in all four, `alarm` that of those that are
 * told `see_doctor` in all four or in none, without a look at the picture's quality.
 */
export interface TurnAgreement {
  split: string;
  n_images: number;
  diagnosis: number;
  alarm: number;
}
/**
 * The logits the model file must give for `self_test_image(size, seed)`, each within `tolerance`.
 */
export interface SelfTest {
  seed: number;
  /**
   * @minItems 2
   */
  expected_logits: number[];
  tolerance: number;
}
/**
 * What the rest of the bundle must make of the self-test: a person's answer, not only a file's.
 *
 * `probabilities` and `diagnosis` are what temperature, priors and decision rule make of
 * `self_test.expected_logits`; they hold on every machine. `out_of_distribution_score` is the distance of
 * the self-test image divided by the threshold. A machine's own embedding gives it within `score_tolerance`.
 * Both are None without an out-of-distribution detector.
 */
export interface SelfTestAnswer {
  diagnosis: string;
  probabilities: {
    [k: string]: number;
  };
  malignant_probability: number;
  out_of_distribution_score: number | null;
  score_tolerance: number | null;
}
/**
 * Another file of the same student: smaller, more exact, in another format, or quick.
 *
 * Beside a model file with `input.quarter_turns`, one without is quick: it looks once. Beside one without,
 * one with them is careful. Single views lie farther from the detector's space than means of four, so
 * either has a `distance_threshold` of its own.
 */
export interface Variant {
  file: string;
  format: "litert" | "onnx";
  quantization: "float32" | "float16" | "int8";
  quarter_turns: boolean;
  distance_threshold: number | null;
  parity: Parity;
  self_test: SelfTest;
}
/**
 * Where the weights come from, enough to train them again.
 *
 * A student that has also learned from the val split takes temperature, thresholds and conformal sets from a
 * calibration run, the same recipe without that split. `calibrated_by` is the name and version of that run's
 * bundle.
 */
export interface Training {
  architecture: string;
  init: string;
  recipe: string;
  datasets: Dataset[];
  seeds: number[];
  splits_sha256: string | null;
  calibrated_by: string | null;
  teachers: string[];
  software: {
    [k: string]: string;
  };
}
/**
 * A data set that the weights, their start or their teachers were trained on.
 *
 * `fingerprint` is that of the prepared data, and stands only where the weights themselves were.
 */
export interface Dataset {
  name: string;
  licence: string;
  source: string;
  fingerprint: string | null;
}
/**
 * Checksum and length of one file of the bundle.
 */
export interface FileEntry {
  sha256: string;
  bytes: number;
}
