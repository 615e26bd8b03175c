// What classes and warnings are called in the chosen language: by the keys of classes, the codes of warnings.
import type { Answer, ClassSpec, Quality, Risk } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { t, tCode } from "../words/words.ts";

/** A word and a sign, not a colour alone. "suspicious" is no kind's: it is a picture's, whatever it looks most like. */
const SIGNS: Record<Risk | "suspicious", string> = { malignant: "▲", suspicious: "▲", precursor: "◆", benign: "○" };

/** A class without a key has no translation: it is called as its bundle says. */
export const className = ({ key, name }: Pick<ClassSpec, "key" | "name">): string => tCode(`class.${key}.name`, name);

/** A class as its pictures are spoken of: "melanomas". */
export const classMembers = ({ key, name }: ClassSpec): string => tCode(`class.${key}.many`, name);

/** A class in a sentence, where a dangerous one must not be read over. */
export function markedName(entry: ClassSpec): string {
  const name = className(entry);
  return entry.risk === "benign" ? name : `${SIGNS[entry.risk]} ${name} (${t(`risk.${entry.risk}`)})`;
}

export const verdictName = (answer: Answer): string => className(answer);

/** What the kind is. Of a suspicious picture of a harmless kind, harmlessness is said only with an "if". */
export function verdictMeaning({ key, plain, risk }: Answer, above: boolean): string {
  const meaning = tCode(`class.${key}.plain`, plain);
  if (!above || risk !== "benign") return meaning;
  return t("verdict.if", { meaning: meaning.charAt(0).toLowerCase() + meaning.slice(1) });
}

export const warningText = ({ code, message }: Quality): string => tCode(`quality.${code}`, message);

/** The group of a class, or of a picture, as a small label. */
export function riskTag(risk: Risk | "suspicious"): HTMLElement {
  const tag = make("span", { className: "tag" });
  tag.dataset["risk"] = risk;
  tag.append(make("span", { attributes: { "aria-hidden": "true" }, textContent: `${SIGNS[risk]} ` }), t(`risk.${risk}`));
  return tag;
}

/** Whether the detector says that the picture shows no lesion it knows. */
export const isRefused = (answer: Answer): boolean => answer.out_of_distribution?.refused ?? false;
