// Several pictures' results in a row, each of which can be opened.
import { image } from "../answer/picture/frame.ts";
import { cardLine, summary } from "../answer/summary.ts";
import type { Student } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { t } from "../words/words.ts";
import type { Picture } from "./pictures.ts";

export interface Strip {
  element: HTMLElement;
  /** Write what is known by now. The cards stay, so that none loses the focus or loads its picture again. */
  draw(open: Picture, student: Student): void;
}

/** One button for each picture; the open one is pressed. */
export function strip(pictures: readonly Picture[], onOpen: (picture: Picture, student: Student) => void): Strip {
  const cards = pictures.map((picture) => {
    const card = make("button", { type: "button", className: "card" });
    const head = [image(picture.shown, ""), make("span", { className: "card-name", textContent: picture.name })];
    const draw = (open: Picture, student: Student): void => {
      card.setAttribute("aria-pressed", String(picture === open));
      card.onclick = () => onOpen(picture, student);
      card.replaceChildren(...head, ...lines(picture, student));
    };
    return { card, draw };
  });
  const items = cards.map(({ card }) => make("li", {}, card));
  return {
    element: make("ul", { className: "strip", id: "strip", attributes: { "aria-label": t("strip.label") } }, ...items),
    draw: (open, student) => cards.forEach(({ draw }) => draw(open, student)),
  };
}

function lines({ answer, error }: Picture, student: Student): HTMLElement[] {
  if (error !== null) return [cardLine(t("strip.failed"))];
  return answer === null ? [cardLine(t("strip.waiting"))] : summary(answer, student);
}
