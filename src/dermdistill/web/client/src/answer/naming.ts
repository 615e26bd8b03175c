// What classes and warnings are called in the chosen language, by their codes.
import type { Answer, ClassSpec, QualityWarning, Risk } from "../engine";
import { make } from "../page/make";
import { t, tCode } from "../words/words";

export const className = ({ code, name }: Pick<ClassSpec, "code" | "name">): string =>
  tCode(`class.${code}.name`, name);

export const verdictName = ({ diagnosis, name }: Answer): string => className({ code: diagnosis, name });

export const verdictMeaning = ({ diagnosis, plain }: Answer): string => tCode(`class.${diagnosis}.plain`, plain);

export const warningText = ({ code, message }: QualityWarning): string => tCode(`quality.${code}`, message);

/** The group of a class as a small label: a word and a sign, not a colour alone. */
export function riskTag(risk: Risk): HTMLElement {
  const signs: Record<Risk, string> = { malignant: "▲", precursor: "◆", benign: "○" };
  const tag = make("span", { className: "tag" });
  tag.dataset["risk"] = risk;
  tag.append(make("span", { attributes: { "aria-hidden": "true" }, textContent: `${signs[risk]} ` }), t(`risk.${risk}`));
  return tag;
}

/** Whether the gate says that the picture shows no lesion it knows. */
export const isRefused = (answer: Answer): boolean => answer.out_of_distribution?.refused ?? false;
