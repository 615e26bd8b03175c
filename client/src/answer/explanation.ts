// The sentences around the numbers: why this class, what to do next.
import type { Answer, ClassSpec, Student } from "../engine/index.ts";
import { t } from "../words/words.ts";
import { byProbability } from "./bars.ts";
import { className, isRefused, verdictName } from "./naming.ts";
import { needsDoctor } from "./suspicion.ts";

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
  const again = answer.quality.length > 0;
  if (isRefused(answer)) return [t("next.refused"), t("next.always")];
  const doctor = needsDoctor(answer, student);
  const step = t(doctor ? "next.above" : "next.below");
  const photograph = again ? [t("next.again")] : [];
  // A better picture is no reason to wait for the doctor.
  return [...(doctor ? [step, ...photograph] : [...photograph, step]), t("next.always")];
}
