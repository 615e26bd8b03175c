// The sentences around the numbers: what else it could be, why this class, what to do next.
import type { Answer, ClassSpec, Student } from "../engine";
import { anyOf, wholePercent } from "../words/numbers";
import { t } from "../words/words";
import { byProbability } from "./bars";
import { className, isRefused, verdictName } from "./naming";
import { chosenPoint } from "./operating_point";

// The smaller of the sets that are usual: the larger one often holds half of all classes.
const COVERAGE = 0.9;

/** The conformal set in words; null when the bundle has none. */
export function couldAlsoBe(answer: Answer, classes: ClassSpec[]): string | null {
  const sets = answer.conformal;
  if (!sets?.length) return null;
  const distance = (coverage: number): number => Math.abs(coverage - COVERAGE);
  const { codes, coverage } = [...sets].sort((a, b) => distance(a.coverage) - distance(b.coverage))[0]!;
  const others = codes.filter((code) => code !== answer.diagnosis);
  const names = others.map((code) => className(classes.find((entry) => entry.code === code) ?? { code, name: code }));
  const values = { coverage: wholePercent(coverage), others: anyOf(names), name: verdictName(answer) };
  if (codes.length === 0) return t("also.none", values);
  if (others.length === 0) return t("also.only", values);
  return t(codes.includes(answer.diagnosis) ? "also.others" : "also.rather", values);
}

/**
 * The class answered need not be the most probable one, nor need a harmless answer mean that danger is unlikely;
 * say so instead of leaving people to wonder.
 */
export function caveats(answer: Answer, classes: ClassSpec[]): { alarming: boolean; text: string } {
  const alarming = answer.risk === "benign" && answer.malignant_probability >= 0.5;
  const likeliest = byProbability(answer, classes)[0]!;
  const sentences = [
    ...(alarming ? [t("caveat.alarm")] : []),
    ...(likeliest.code !== answer.diagnosis
      ? [t("caveat.common", { likeliest: className(likeliest), name: verdictName(answer) })]
      : []),
  ];
  return { alarming, text: sentences.join(" ") };
}

/** What to do now, most pressing first. The last one holds whatever was answered. */
export function nextSteps(answer: Answer, student: Student): string[] {
  const threshold = chosenPoint(student)?.threshold ?? 0.5;
  const again = answer.quality.length > 0;
  if (isRefused(answer)) return [t("next.refused"), t("next.always")];
  const step = answer.malignant_probability >= threshold ? t("next.above") : t("next.below");
  return [...(again ? [t("next.again")] : []), step, t("next.always")];
}
