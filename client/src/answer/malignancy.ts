// The malignancy probability against the threshold of the chosen operating point, and the choice itself.
import type { Answer, OperatingPoint, Student } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { apart, percent, wholePercent } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { choosePoint, chosenPoint, operatingPoints } from "./operating_point.ts";
import { track } from "./track.ts";

/** The number, the bar with its mark, and in words on which side of the mark it is. */
export function risk({ malignant_probability: p }: Answer, point: OperatingPoint | null): HTMLElement[] {
  const [written, threshold] = point ? apart(p, point.threshold) : [percent(p), ""];
  const title = make(
    "p",
    { className: "malignant-title" },
    make("span", { textContent: t("malignant.title") }),
    make("strong", { className: "malignant-value", textContent: written }),
  );
  if (point === null) return [title, track(p)];
  const above = p >= point.threshold;
  const side = make("p", { className: "side" });
  side.dataset["above"] = String(above);
  side.append(
    make("strong", { textContent: t(above ? "malignant.above" : "malignant.below") }),
    ` ${t("malignant.threshold", { threshold })}`,
  );
  return [title, track(p, point.threshold), side];
}

/**
 * The choice of a sensitivity, with what was measured there; null when the bundle has no operating points.
 * @param onChoice called after another one was chosen
 */
export function sensitivity(student: Student, onChoice: () => void): HTMLElement | null {
  const point = chosenPoint(student);
  if (point === null) return null;
  const place = make("section", { className: "sensitivity" });
  const chosen = (next: OperatingPoint): void => {
    choosePoint(next);
    place.replaceChildren(choice(student, next, chosen), measured(next));
    place.querySelector<HTMLInputElement>("input:checked")!.focus();
    onChoice();
  };
  place.append(choice(student, point, chosen), measured(point));
  return place;
}

function choice(student: Student, point: OperatingPoint, chosen: (point: OperatingPoint) => void): HTMLElement {
  const options = operatingPoints(student).map((option) =>
    make(
      "label",
      {},
      make("input", {
        type: "radio",
        name: "sensitivity",
        value: String(option.sensitivity),
        checked: option.sensitivity === point.sensitivity,
        onchange: () => chosen(option),
      }),
      make("span", { textContent: wholePercent(option.sensitivity) }),
    ),
  );
  return make(
    "fieldset",
    { className: "segments" },
    make("legend", { textContent: t("malignant.choose") }),
    make("div", {}, ...options),
  );
}

/** What was set need not be what was measured: both are said. */
export function measured(point: OperatingPoint): HTMLElement {
  const { measured_sensitivity: sensitivity, measured_specificity: specificity } = point;
  if (sensitivity === null || specificity === null) return make("p", { className: "fine", textContent: t("malignant.unmeasured") });
  return make("p", {
    className: "fine",
    textContent: t("malignant.measured", { sensitivity: percent(sensitivity), specificity: percent(specificity) }),
  });
}
