// The answers to what was given: one picture in full; several as a table, from which each is opened.
import { answerPanel } from "../answer/panel.ts";
import { frame } from "../answer/picture/frame.ts";
import type { Student } from "../engine/index.ts";
import { isExample } from "../examples/examples.ts";
import { loadingLine } from "../page/loading.ts";
import { backLink, button, make } from "../page/make.ts";
import { complain, explained, say } from "../page/notices.ts";
import { addView, draw, go } from "../page/views.ts";
import { t } from "../words/words.ts";
import { consent } from "./consent.ts";
import { allPictures, giveUpWaiting, onAnswer, type Picture, readingOf } from "./pictures.ts";
import { pictureTable, progressText, sorted } from "./table.ts";

/** What can be done with answered pictures: `one` with one of them, `all` with every one. */
export interface Actions {
  save: (picture: Picture, student: Student) => HTMLElement;
  more: (picture: Picture) => HTMLElement[];
  saveAll: (pictures: readonly Picture[], student: Student) => HTMLElement;
}

export function addAnswersView(description: Promise<Student>, actions: Actions): void {
  addView("answers", "page.answer", (stage, rest) => {
    const pictures = allPictures();
    if (pictures.length === 0) {
      history.replaceState(null, "", location.pathname); // or Back would lead here again
      draw();
      return;
    }
    const open = pictures.length === 1 ? pictures[0] : pictures[Number(rest) - 1];
    let left = false;
    description.then((student) => {
      if (left) return;
      if (open) showOne(stage, open, student, actions);
      else showAll(stage, student, actions);
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

const openPicture = (picture: Picture): void => go("answers", String(allPictures().indexOf(picture) + 1));

function again(): HTMLElement {
  const made = button(t("action.again"), () => go(""));
  made.id = "again";
  return made;
}

function showAll(stage: HTMLElement, student: Student, actions: Actions): void {
  const pictures = allPictures();
  const table = pictureTable(pictures, openPicture);
  const ask = make("div");
  const write = (): void => {
    table.draw(student);
    ask.replaceChildren(consent(pictures, write) ?? "");
  };
  stage.append(
    make("h1", { id: "verdict", textContent: t("many.title"), tabIndex: -1 }),
    loadingLine(),
    table.element,
    ask,
    make("div", { className: "actions pinned" }, actions.saveAll(pictures, student), again()),
  );
  onAnswer(write);
  write();
}

function showOne(stage: HTMLElement, picture: Picture, student: Student, actions: Actions): void {
  const place = make("div");
  let waited = false;
  const write = (): void => {
    const { answer, error } = picture;
    const waits = !answer && error === null;
    document.body.setAttribute("aria-busy", String(waits));
    complain(error !== null ? explained(error) : picture.uncropped ? t("crop.unshown") : "");
    // What was just done, such as saving, stays said.
    if (waits || waited) say(waits ? t("status.looking") : isExample(picture.shown) ? t("example.note") : "");
    waited = waits;
    const around = neighbours(picture, student);
    const reading = readingOf(picture, student);
    if (reading) {
      const pinned = [actions.save(picture, student), ...around];
      place.replaceChildren(answerPanel(picture.shown, reading, pinned, [...actions.more(picture), again()]));
    } else {
      const shown = error === null && frame(picture.shown);
      // Whether it is sent there is asked then, and only then.
      const instead = button(t("loading.server"), () => giveUpWaiting(picture));
      const loading = error === null && !picture.sent && loadingLine([instead]);
      const wait = make("div", { className: "waiting" }, shown, loading, consent([picture], write), make("div", { className: "actions" }, ...around, again()));
      place.replaceChildren(wait);
    }
  };
  const several = allPictures().length > 1;
  const strip = several ? placeStrip(picture, student) : null;
  stage.append(...(strip ? [strip.element] : []), place);
  strip?.draw();
  onAnswer((changed) => {
    strip?.draw();
    if (changed !== picture) return;
    write();
    place.querySelector<HTMLElement>("#verdict")?.focus();
  });
  write();
  place.querySelector<HTMLElement>("#verdict")?.focus();
}

/** Where among the others this one is, and how far they are: never scrolled out of sight. */
function placeStrip(picture: Picture, student: Student): { element: HTMLElement; draw: () => void } {
  const [place, progress] = [make("strong", { id: "place" }), make("span", { id: "progress", className: "fine" })];
  const all = backLink("#answers", t("many.back"));
  return {
    element: make("nav", { className: "place-strip", attributes: { "aria-label": t("many.title") } }, all, place, progress),
    draw() {
      const order = sorted(allPictures(), student);
      place.textContent = t("many.place", { place: order.indexOf(picture) + 1, n: order.length });
      progress.textContent = progressText(order, student);
    },
  };
}

/** The buttons that lead to the one before and the one after, in the order of the table. */
function neighbours(picture: Picture, student: Student): HTMLElement[] {
  const order = sorted(allPictures(), student);
  if (order.length === 1) return [];
  const place = order.indexOf(picture);
  const to = (i: number, key: "many.previous" | "many.next"): HTMLElement => {
    const made = button(t(key), () => openPicture(order[i]!));
    made.disabled = order[i] === undefined;
    return made;
  };
  return [to(place - 1, "many.previous"), to(place + 1, "many.next")];
}
