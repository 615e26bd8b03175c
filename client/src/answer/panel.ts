// A whole answer as a triage card: what to do, then the picture, then the kinds, then its limits and the details.
import type { Reading } from "../assessment/told.ts";
import { make } from "../page/make.ts";
import { band } from "./band.ts";
import { checklist } from "../checklist/checklist.ts";
import { details } from "./details.ts";
import { kinds } from "./kinds.ts";
import { nextList } from "./next_steps.ts";
import { answeredPicture } from "./picture/picture.ts";
import { limits } from "./stamp.ts";

/**
 * @param pinned what can be done at once; on a phone always in sight
 * @param more what else can be done
 */
export function answerPanel(picture: Blob, reading: Reading, pinned: HTMLElement[], more: HTMLElement[]): HTMLElement {
  const judged = reading.told.level !== "cannot_judge";
  return make(
    "article",
    { className: "answer", attributes: { "aria-labelledby": "verdict" } },
    band(reading),
    nextList(reading),
    make(
      "div",
      { className: "seen" },
      // Where the picture is not judged, a heat map would explain an answer that there is not.
      answeredPicture(picture, judged ? reading.answer : null),
      make("div", { className: "actions" }, ...more),
    ),
    make("div", { className: "words" }, judged && kinds(reading), limits(reading), checklist(picture), details(reading)),
    pinned.length > 0 && make("div", { className: "actions pinned" }, ...pinned),
  );
}
