// Several pictures' results in a row, each of which can be opened.
import { image } from "../answer/picture";
import { cardLine, summary } from "../answer/summary";
import type { Student } from "../engine";
import { make } from "../page/make";
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
      ...lines(picture, student),
    );
    return make("li", {}, card);
  });
  return make("ul", { className: "strip", id: "strip", attributes: { "aria-label": t("strip.label") } }, ...items);
}

function lines({ answer, error }: Picture, student: Student): HTMLElement[] {
  if (error !== null) return [cardLine(t("strip.failed"))];
  return answer === null ? [cardLine(t("strip.waiting"))] : summary(answer, student);
}
