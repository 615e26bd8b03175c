// The answers to the pictures that were given: a strip when there are several, and one of them in full.
import { answerPanel } from "../answer/panel.ts";
import { frame } from "../answer/picture/frame.ts";
import type { Student } from "../engine/index.ts";
import { button, make } from "../page/make.ts";
import { complain, explained, say } from "../page/notices.ts";
import { addView, draw, go } from "../page/views.ts";
import { t } from "../words/words.ts";
import { allPictures, onAnswer, type Picture } from "./pictures.ts";
import { strip } from "./strip.ts";

let open: Picture | undefined;

/** @param actions what can be done with an answered picture: buttons */
export function addAnswersView(description: Promise<Student>, actions: (picture: Picture, student: Student) => HTMLElement[]): void {
  addView("answers", "page.answer", (stage) => {
    const pictures = allPictures();
    if (pictures.length === 0) {
      history.replaceState(null, "", location.pathname); // or Back would lead here again
      draw();
      return;
    }
    if (!open || !pictures.includes(open)) open = pictures[0]!;
    const row = pictures.length > 1 ? strip(pictures, (picture, student) => show(picture, student)) : null;
    const place = make("div");
    stage.append(...(row ? [row.element] : []), place);

    const drawRow = (student: Student): void => row?.draw(open!, student);
    const drawOpen = (student: Student): void => {
      const picture = open!;
      document.body.setAttribute("aria-busy", String(!picture.answer && !picture.error));
      complain(picture.error ? explained(picture.error) : picture.uncropped ? t("crop.unshown") : "");
      say(picture.answer || picture.error ? "" : t("status.looking"));
      const again = button(t("action.again"), () => go(""));
      again.id = "again";
      if (picture.answer) {
        place.replaceChildren(
          answerPanel(picture.shown, picture.answer, student, ...actions(picture, student), again),
        );
      } else {
        place.replaceChildren(make("div", { className: "waiting" }, picture.error === null && frame(picture.shown, null), again));
      }
    };
    const show = (picture: Picture, student: Student): void => {
      open = picture;
      place.onchange = () => drawRow(student); // another sensitivity moves the threshold there, too
      drawRow(student);
      drawOpen(student);
      place.querySelector<HTMLElement>("#verdict")?.focus();
    };

    let left = false;
    description.then((student) => {
      if (left) return;
      onAnswer((picture) => {
        drawRow(student);
        if (picture === open) show(picture, student);
      });
      show(open!, student);
    });
    return () => {
      left = true;
      onAnswer(() => undefined);
      document.body.removeAttribute("aria-busy");
      complain("");
      say("");
    };
  });
}
