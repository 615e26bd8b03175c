// The short answer under the running picture. What is spoken aloud is only what has stood for a while.
import { liveTitle, shortBand, why } from "../answer/band.ts";
import { warningText } from "../answer/naming.ts";
import { risk } from "../answer/risk.ts";
import { kindNames } from "../answer/summary.ts";
import { told } from "../assessment/told.ts";
import type { Answer, Student } from "../engine/index.ts";
import { forPicture } from "../engine/outputs/picture.ts";
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
      // Each frame for itself: what the camera saw a moment ago may have been another spot.
      const answering = forPicture(student, answer.picture);
      const reading = { answer, student: answering, told: told(answer, answering, null) };
      const said = liveTitle(reading.told.level);
      if (said !== sentence) [sentence, since] = [said, performance.now()];
      else if (performance.now() - since > SPOKEN_AFTER && spoken.textContent !== said) spoken.textContent = said;
      const judged = reading.told.level !== "cannot_judge";
      shown.replaceChildren(
        shortBand(reading),
        make("p", { className: "live-name", textContent: kindNames(reading) }),
        ...(judged ? risk(reading) : []),
        ...why(reading).map((textContent) => make("p", { className: "fine", textContent })),
        make("p", { className: "live-warning", textContent: answer.quality[0] ? warningText(answer.quality[0]) : "" }),
        make("p", { className: "fine", textContent: t("limits.skin") }),
        make("p", { className: "fine", id: "rate", textContent: t("camera.rate", { rate: Math.round(perSecond) }) }),
      );
    },
  };
}
