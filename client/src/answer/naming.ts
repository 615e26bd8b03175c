// What classes and warnings are called in the chosen language: by the keys of classes, the codes of warnings.
import type { Answer, ClassSpec, Quality, Risk } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { t, tCode } from "../words/words.ts";

/** A word and a sign, not a colour alone. */
const SIGNS: Record<Risk, string> = { malignant: "▲", precursor: "◆", benign: "○" };

/** A class without a key has no translation: it is called as its bundle says. */
export const className = ({ key, name }: Pick<ClassSpec, "key" | "name">): string => tCode(`class.${key}.name`, name);

/** What the kind is, in plain words. */
export const classMeaning = ({ key, plain }: Pick<ClassSpec, "key" | "plain">): string => tCode(`class.${key}.plain`, plain);

/** A class as its pictures are spoken of: "melanomas". */
export const classMembers = ({ key, name }: ClassSpec): string => tCode(`class.${key}.many`, name);

/** A class in a sentence, where a dangerous one must not be read over. */
export function markedName(entry: ClassSpec): string {
  const name = className(entry);
  return entry.risk === "benign" ? name : `${SIGNS[entry.risk]} ${name} (${t(`risk.${entry.risk}`)})`;
}

export const warningText = ({ code, message }: Quality): string => tCode(`quality.${code}`, message);

/** The group of a class as a small label. */
export function riskTag(risk: Risk): HTMLElement {
  const tag = make("span", { className: "tag" });
  tag.dataset["risk"] = risk;
  tag.append(make("span", { attributes: { "aria-hidden": "true" }, textContent: `${SIGNS[risk]} ` }), t(`risk.${risk}`));
  return tag;
}

/** The classes that an assessment names, in its order. */
export function namedClasses(codes: string[], classes: ClassSpec[]): ClassSpec[] {
  return codes.flatMap((code) => classes.find((entry) => entry.code === code) ?? []);
}

/** Who answered, and where. */
export function engineText({ engine, bundle }: Answer): string {
  return t(engine === "device" ? "engine.device" : "engine.server", { ...bundle });
}
