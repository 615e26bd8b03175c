// The malignancy probability against the threshold of the chosen operating point, and the choice itself.
import type { Answer, OperatingPoint, Student } from "../engine";
import { make } from "../page/make";
import { percent, wholePercent } from "../words/numbers";
import { t } from "../words/words";
import { choosePoint, chosenPoint, operatingPoints } from "./operating_point";
import { track } from "./track";

/** @param onChoice called after another operating point was chosen */
export function malignancy(answer: Answer, student: Student, onChoice: () => void): HTMLElement {
  const card = make("section", { className: "malignant", attributes: { "aria-label": t("malignant.title") } });
  const draw = (): void => {
    const point = chosenPoint(student);
    card.replaceChildren(...risk(answer, point), ...(point ? [choice(student, point, chosen), measured(point)] : []));
  };
  const chosen = (point: OperatingPoint): void => {
    choosePoint(point);
    draw();
    card.querySelector<HTMLInputElement>("input:checked")!.focus();
    onChoice();
  };
  draw();
  return card;
}

/** The number, the bar with its mark, and in words on which side of the mark it is. */
export function risk({ malignant_probability: p }: Answer, point: OperatingPoint | null): HTMLElement[] {
  const title = make(
    "p",
    { className: "malignant-title" },
    make("span", { textContent: t("malignant.title") }),
    make("strong", { id: "malignant", textContent: percent(p) }),
  );
  if (point === null) return [title, track(p)];
  const above = p >= point.threshold;
  const side = make("p", { className: "side", textContent: "" });
  side.dataset["above"] = String(above);
  side.append(
    make("strong", { textContent: t(above ? "malignant.above" : "malignant.below") }),
    ` ${t("malignant.threshold", { threshold: percent(point.threshold) })}`,
  );
  return [title, track(p, point.threshold), side];
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
