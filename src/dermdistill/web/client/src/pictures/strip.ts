// Several pictures' results in a row, each of which can be opened.
import { image } from "../answer/picture";
import { chosenPoint } from "../answer/operating_point";
import { isRefused, verdictName } from "../answer/naming";
import type { Student } from "../engine";
import { make } from "../page/make";
import { percent } from "../words/numbers";
import { t } from "../words/words";
import type { Picture } from "./pictures";

/** One button for each picture; `open` is pressed. */
export function strip(
  pictures: readonly Picture[],
  open: Picture,
  student: Student,
  onOpen: (picture: Picture) => void,
): HTMLElement {
  const items = pictures.map((picture) => {
    const shown = image(picture.shown, "");
    const card = make(
      "button",
      {
        type: "button",
        className: "card",
        onclick: () => onOpen(picture),
        attributes: { "aria-pressed": String(picture === open) },
      },
      shown,
      make("span", { className: "card-name", textContent: picture.name }),
      ...summary(picture, student),
    );
    return make("li", {}, card);
  });
  return make("ul", { className: "strip", id: "strip", attributes: { "aria-label": t("strip.label") } }, ...items);
}

function summary({ answer, error }: Picture, student: Student): HTMLElement[] {
  const line = (textContent: string): HTMLElement => make("span", { className: "card-line", textContent });
  if (error !== null) return [line(t("strip.failed"))];
  if (answer === null) return [line(t("strip.waiting"))];
  if (isRefused(answer)) return [line(t("strip.refused"))];
  const above = answer.malignant_probability >= (chosenPoint(student)?.threshold ?? 0.5);
  const risk = line(t(above ? "strip.above" : "strip.below", { p: percent(answer.malignant_probability) }));
  risk.dataset["above"] = String(above);
  return [line(verdictName(answer)), risk];
}
