// Settings: at which sensitivity the page decides. What it was measured to miss stands beside each choice.
import { wrongIn } from "./answer/band.ts";
import { measuredAt } from "./answer/details.ts";
import { chooseSensitivity, chosenSensitivity, sensitivities, thresholdsAt, USUAL } from "./assessment/operating_point.ts";
import type { Reading } from "./assessment/told.ts";
import type { Student } from "./engine/index.ts";
import { make } from "./page/make.ts";
import { addView } from "./page/views.ts";
import { wholePercent } from "./words/numbers.ts";
import { t } from "./words/words.ts";

export function addSettingsView(description: Promise<Student>): void {
  addView("settings", "settings.title", (stage) => {
    stage.append(make("h1", { textContent: t("settings.title") }));
    description.then((student) => stage.append(choice(student)), () => undefined);
  });
}

function choice(student: Student): HTMLElement {
  const warning = make("p", { id: "settings-warning", className: "caution", attributes: { role: "status" } });
  const warn = (): void => {
    const now = chosenSensitivity(student);
    warning.hidden = now === null || now >= USUAL;
    warning.textContent = warning.hidden ? "" : t("settings.low", { sensitivity: wholePercent(now!), usual: wholePercent(USUAL) });
  };
  const options = sensitivities(student).map((sensitivity) => {
    const choose = (): void => {
      chooseSensitivity(sensitivity);
      warn();
    };
    const input = make("input", { type: "radio", name: "sensitivity", value: String(sensitivity), onchange: choose });
    input.checked = sensitivity === chosenSensitivity(student);
    const told: Reading["told"] = { level: "no_sign", reasons: [], classes: [], sensitivity: thresholdsAt(student, sensitivity)!.sensitivity };
    return make(
      "label",
      { className: "option" },
      input,
      make("strong", { textContent: sensitivity === USUAL ? t("settings.usual", { sensitivity: wholePercent(sensitivity) }) : wholePercent(sensitivity) }),
      make("span", { className: "fine", textContent: `${t("settings.no_sign")} ${wrongIn({ student, told })}` }),
      make("span", { className: "fine", textContent: measuredAt({ student, told }) }),
    );
  });
  warn();
  return make(
    "fieldset",
    { className: "settings" },
    make("legend", { textContent: t("settings.sensitivity") }),
    make("p", { textContent: t("settings.lead") }),
    ...options,
    warning,
    make("p", { className: "fine", textContent: t("settings.stands") }),
  );
}
