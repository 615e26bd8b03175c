// The short answer under the running picture. What is spoken aloud is only what has stood for a while.
import { risk } from "../answer/malignancy.ts";
import { isRefused, verdictName, warningText } from "../answer/naming.ts";
import { chosenPoint } from "../answer/operating_point.ts";
import type { Answer, Student } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { t } from "../words/words.ts";

const SPOKEN_AFTER = 1500; // milliseconds

export interface LiveAnswer {
  readonly element: HTMLElement;
  show(answer: Answer, perSecond: number): void;
}

export function liveAnswer(student: Student): LiveAnswer {
  const shown = make("div", { className: "live", id: "live" });
  const spoken = make("p", { className: "spoken", attributes: { "aria-live": "polite" } });
  let sentence = "";
  let since = 0;
  return {
    element: make("div", {}, shown, spoken),
    show(answer, perSecond) {
      const name = isRefused(answer) ? t("refused.title") : verdictName(answer);
      if (name !== sentence) [sentence, since] = [name, performance.now()];
      else if (performance.now() - since > SPOKEN_AFTER && spoken.textContent !== name) spoken.textContent = name;
      shown.replaceChildren(
        make("p", { className: "live-name", textContent: name }),
        ...(isRefused(answer) ? [] : risk(answer, chosenPoint(student))),
        make("p", { className: "live-warning", textContent: answer.quality[0] ? warningText(answer.quality[0]) : "" }),
        make("p", { className: "fine", id: "rate", textContent: t("camera.rate", { rate: perSecond.toFixed(0) }) }),
      );
    },
  };
}
