// What to do now.
import type { Reading } from "../assessment/told.ts";
import { make } from "../page/make.ts";
import { t } from "../words/words.ts";
import { warningText } from "./naming.ts";

/** Most pressing first. A picture that shows no lesion gets no advice about one. */
export function nextSteps({ answer, told }: Reading): string[] {
  const warnings = answer.quality.map(warningText);
  switch (told.level) {
    case "see_doctor":
      // A better picture is no reason to wait for the doctor.
      return [t("next.doctor"), t("next.soon"), ...warnings];
    case "unclear":
      return [t("next.ask"), t("next.sooner"), ...warnings];
    case "cannot_judge":
      return told.reasons.includes("unlike_known_lesions")
        ? [t("next.close"), ...warnings, t("next.worried")]
        : [...warnings, t("next.worried")];
    case "no_sign":
      return [t("next.watch"), t("next.always"), ...warnings];
  }
}

export function nextList(reading: Reading): HTMLElement {
  return make(
    "section",
    { className: "next" },
    make("h2", { textContent: t("next.title") }),
    make("ul", { id: "next" }, ...nextSteps(reading).map((textContent) => make("li", { textContent }))),
  );
}
