// Everything else that is known of an answer, folded away: all kinds, what else it could be, what was measured.
import type { Reading } from "../assessment/told.ts";
import { make } from "../page/make.ts";
import { percent } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { couldAlsoBe } from "./also.ts";
import { bars } from "./bars.ts";
import { engineText } from "./naming.ts";

export function details(reading: Reading): HTMLElement {
  const { answer, student, told } = reading;
  // Of a picture that cannot be judged the numbers mean nothing, so they are not shown.
  const judged = told.level !== "cannot_judge";
  const also = judged ? couldAlsoBe(answer, student) : null;
  return make(
    "details",
    { className: "details" },
    make("summary", { textContent: t("details.title") }),
    make(
      "div",
      { className: "words" },
      answer.picture
        ? make("p", { id: "seen-picture", textContent: t(`details.picture.${answer.picture.kind}`) })
        : null,
      also && make("p", { id: "also", textContent: also.text }),
      also?.measured ? make("p", { id: "also-measured", className: "fine", textContent: also.measured }) : null,
      judged && make("h2", { textContent: t("bars.title") }),
      judged && bars(answer, student.classes),
      make("p", { className: "fine", textContent: measuredAt(reading) }),
      make("p", { className: "fine", textContent: t("verdict.estimate") }),
      make("p", { id: "answered-by", className: "fine", textContent: engineText(answer) }),
    ),
  );
}

/** What the operating point was measured to find and to let pass. */
export function measuredAt({ student, told: { sensitivity } }: Pick<Reading, "student" | "told">): string {
  const point = student.operating_points.find((one) => one.target === "malignant" && one.sensitivity === sensitivity);
  const { measured_sensitivity: found, measured_specificity: passed } = point?.cautious ?? point ?? {};
  if (typeof found !== "number" || typeof passed !== "number") return t("malignant.unmeasured");
  return t("malignant.measured", { sensitivity: share(found), specificity: share(passed) });
}

/** A measured share; that nothing was missed among those measured does not make it all. */
const share = (p: number): string => (p >= 0.9995 ? t("share.all_measured") : percent(p));
