// What a person is told about one picture, decided here and nowhere else: as in inference/assessment.py, which says
// what each level means. Both pass tests/golden/assessment.json.
import type { AssessmentAnswer } from "../generated/predict_answer.ts";

export type Level = AssessmentAnswer["level"];
export type Reason = AssessmentAnswer["reasons"][number];
export type Assessment = Omit<AssessmentAnswer, "missed_melanomas">;

// What keeps a network from seeing the lesion. Hair over it is told, and does not stop an answer.
const DISABLING_QUALITY = ["too_small", "blurred", "too_dark", "too_bright", "out_of_frame"];

/** Alarm when a probability is at least its threshold; null where the bundle has none. */
export interface Thresholds {
  /** What they were set for: the operating point. */
  sensitivity: number;
  /** Of the summed probability of the malignant and precursor classes. */
  malignant: number | null;
  melanoma: number | null;
}

/** What the network found in one picture. */
export interface Finding {
  /** Calibrated, by class code, in the bundle's order. */
  probs: Record<string, number>;
  /** Class code by the bundle's decision rule. */
  decided: string;
  /** Codes of the malignant and precursor classes. */
  dangerous: string[];
  melanoma: string | null;
  /** Codes in the conformal set; null without one. */
  conformal: string[] | null;
  /** What the out-of-distribution detector says; null without one. */
  unlike_known_lesions: boolean | null;
  /** Codes of what is wrong with the picture. */
  quality: string[];
}

/** Decide what a person is told about a picture. */
export function assess(finding: Finding, thresholds: Thresholds | null): Assessment {
  const { probs, decided, dangerous, quality } = finding;
  const [mostProbable] = Object.keys(probs).reduce<[string, number]>(
    (most, code) => (probs[code]! > most[1] ? [code, probs[code]!] : most),
    [Object.keys(probs)[0]!, -Infinity],
  );
  const alarms = alarmsOf(finding, thresholds, mostProbable);
  const obstacles = obstaclesOf(finding);
  const doubts = doubtsOf(finding, mostProbable);
  const level = alarms.length ? "see_doctor" : obstacles.length ? "cannot_judge" : doubts.length ? "unclear" : "no_sign";
  const named = [...new Set([mostProbable, decided])];
  const harmlessLast = (code: string): number => Number(!dangerous.includes(code));
  return {
    level,
    reasons: [...alarms, ...obstacles, ...doubts, ...(quality.includes("hair") ? (["hair"] as const) : [])],
    // The sort is stable: the most probable class leads where both are dangerous, or neither is.
    classes: level === "cannot_judge" ? [] : named.sort((a, b) => harmlessLast(a) - harmlessLast(b)),
    sensitivity: thresholds?.sensitivity ?? null,
  };
}

function alarmsOf({ probs, decided, dangerous, melanoma }: Finding, thresholds: Thresholds | null, mostProbable: string): Reason[] {
  const malignant = dangerous.reduce((sum, code) => sum + probs[code]!, 0);
  return holding({
    malignant_above_threshold: reaches(malignant, thresholds?.malignant),
    melanoma_above_threshold: reaches(melanoma === null ? 0 : probs[melanoma]!, thresholds?.melanoma),
    dangerous_class_decided: dangerous.includes(decided),
    dangerous_class_most_probable: dangerous.includes(mostProbable),
  });
}

function obstaclesOf({ unlike_known_lesions, quality }: Finding): Reason[] {
  return holding({
    unlike_known_lesions: unlike_known_lesions === true,
    poor_picture: DISABLING_QUALITY.some((code) => quality.includes(code)),
  });
}

function doubtsOf({ decided, dangerous, conformal }: Finding, mostProbable: string): Reason[] {
  return holding({
    classes_differ: decided !== mostProbable,
    no_class_fits: conformal !== null && conformal.length === 0,
    danger_not_excluded: conformal !== null && conformal.some((code) => dangerous.includes(code)),
  });
}

const holding = (checks: Partial<Record<Reason, boolean>>): Reason[] =>
  (Object.keys(checks) as Reason[]).filter((reason) => checks[reason]);

/** Whether a probability reaches a threshold; one that is no number does, too. */
function reaches(probability: number, threshold: number | null | undefined): boolean {
  return threshold !== null && threshold !== undefined && !(probability < threshold);
}
