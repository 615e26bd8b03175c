// A student of three classes and answers of it, for tests.
import type { Assessment } from "../src/assessment/assess.ts";
import type { Visit } from "../src/cases/case.ts";
import type { Answer, ClassSpec, OperatingPoint, Student } from "../src/engine/index.ts";
import type { Conformal } from "../src/generated/bundle_spec.ts";

export const CLASSES: ClassSpec[] = [
  { code: "mel", name: "Melanoma", plain: "A spot.", risk: "malignant", key: "mel" },
  { code: "akiec", name: "Actinic keratosis", plain: "A spot.", risk: "precursor", key: "akiec" },
  { code: "nv", name: "Melanocytic naevus", plain: "A spot.", risk: "benign", key: "nv" },
];

const unmeasured = {
  measured_sensitivity: null,
  measured_specificity: null,
  positive_predictive_value: null,
  negative_predictive_value: null,
};

/** A point whose cautious threshold is half of the other. */
export function operatingPoint(sensitivity: number, threshold: number): OperatingPoint {
  const cautious = { ...unmeasured, threshold: threshold / 2, confidence: 0.95, n_lesions: 100 };
  const missed_melanomas = { split: "test", n_lesions: 84, missed: 6, per_100: 7.1429, low: 2.6663, high: 14.9012 };
  return { ...unmeasured, target: "malignant", sensitivity, threshold, split: "val", prevalence: null, cautious, missed_melanomas };
}

/** Sets at 90 % with these shares measured. */
export function conformal(measured_coverage: Record<string, number> | null): Conformal {
  const level = {
    coverage: 0.9,
    quantiles: { mel: 0.9, akiec: 0.8, nv: 0.7 },
    measured_coverage,
    enough: null,
    mean_set_size: null,
  };
  return { score: "one_minus_p", split: "val", n_calibration: {}, levels: [level] };
}

export function student(changes: Partial<Student> = {}): Student {
  return {
    name: "student",
    version: "1.0.0",
    classes: CLASSES,
    melanoma: "mel",
    // Least sensitive last: the order of a bundle says nothing.
    operating_points: [operatingPoint(0.95, 0.2), operatingPoint(0.9, 0.6)],
    metrics: null,
    conformal: conformal(null),
    ...changes,
  };
}

/** An answer of that class, with that probability of a malignant or precursor one. */
export function answer(diagnosis: string, malignant_probability: number, changes: Partial<Answer> = {}): Answer {
  const { name, plain, risk, key } = CLASSES.find(({ code }) => code === diagnosis)!;
  return {
    diagnosis,
    name,
    plain,
    risk,
    key,
    assessment: { level: "no_sign", reasons: [], classes: [diagnosis], sensitivity: 0.95, missed_melanomas: null },
    probabilities: { mel: malignant_probability, akiec: 0, nv: 1 - malignant_probability },
    malignant_probability,
    heat_map: [[0, 1]],
    quality: [],
    conformal: [{ coverage: 0.9, codes: [diagnosis] }],
    out_of_distribution: { score: 0.5, refused: false },
    bundle: { name: "student", version: "1.0.0" },
    engine: "device",
    milliseconds: null,
    ...changes,
  };
}

export const REFUSED: Partial<Answer> = { out_of_distribution: { score: 2, refused: true } };

/** @param told what was told when it was saved; nothing is known of that where it is left out */
export function visit(date: string, given: Answer, told?: Assessment): Visit {
  const { classes, operating_points, conformal: sets = null, melanoma = null } = student();
  return {
    id: date,
    date,
    picture: new Blob(["x"], { type: "image/png" }),
    answer: given,
    student: { classes, operating_points, conformal: sets, melanoma },
    ...(told && { told }),
  };
}
