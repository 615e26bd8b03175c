// The buttons that save what was answered to cases.
import type { Student } from "../engine/index.ts";
import { saveAll } from "../cases/forms/save_all.ts";
import { saveVisit } from "../cases/forms/save_visit.ts";
import { isFull } from "../cases/store.ts";
import { button } from "../page/make.ts";
import { complain, sayThere } from "../page/notices.ts";
import { draw, go } from "../page/views.ts";
import { t } from "../words/words.ts";
import { allPictures, markSaved, type Picture, readingOf } from "./pictures.ts";

export function saveButton(picture: Picture, spec: Student): HTMLElement {
  const { meant } = picture;
  const made = button(
    picture.saved ? t("many.is_saved") : meant.name ? t("save.to_case", { name: meant.name }) : t("action.save"),
    async () => {
      try {
        const id = await saveVisit(picture.shown, readingOf(picture, spec)!, picture.id, meant);
        if (id === null) return;
        markSaved(picture);
        sayThere(t("save.saved"));
        if (allPictures().length > 1) draw(); // the others are still to be looked at
        else go("case", id);
      } catch (error) {
        complain(t(isFull(error) ? "save.no_room" : "cases.unkept"));
      }
    },
    "button",
  );
  made.id = "save";
  made.disabled = picture.saved;
  return made;
}

/** Saves every answered picture that is not saved yet. */
export function saveAllButton(pictures: readonly Picture[], spec: Student): HTMLElement {
  return button(
    t("many.save"),
    async () => {
      const unsaved = pictures.filter(({ answer, saved }) => answer && !saved);
      if (unsaved.length === 0) {
        complain(t(pictures.some(({ saved }) => saved) ? "many.none_left" : "many.none_answered"));
        return;
      }
      try {
        const named = unsaved.map((picture) => ({ name: picture.name, shown: picture.shown, reading: readingOf(picture, spec)! }));
        if (!(await saveAll(named, unsaved[0]!.meant))) return;
        for (const picture of unsaved) markSaved(picture);
        sayThere(t("many.saved", { n: unsaved.length }));
        go("cases");
      } catch (error) {
        complain(t(isFull(error) ? "save.no_room" : "cases.unkept"));
      }
    },
    "button",
  );
}
