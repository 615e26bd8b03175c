// What was not saved before the page was loaded again, offered back above the first view.
import { image } from "../answer/picture/frame.ts";
import { button, element, make } from "../page/make.ts";
import { go } from "../page/views.ts";
import { moment } from "../words/numbers.ts";
import { onLanguage, t } from "../words/words.ts";
import { allPictures, takeBack } from "./pictures.ts";
import { discardUnsaved, type Unsaved, unsaved } from "./unsaved.ts";

const FEW = 6;

export async function offerUnsaved(): Promise<void> {
  const pictures = await unsaved();
  if (pictures.length === 0 || allPictures().length > 0) return;
  let offer = drawn(pictures);
  element("intake").prepend(offer);
  onLanguage(() => {
    if (!offer.isConnected) return;
    const other = drawn(pictures);
    offer.replaceWith(other);
    offer = other;
  });
}

/** Once other pictures are taken there is nothing to offer. */
export const withdrawOffer = (): void => document.querySelector("#unsaved")?.remove();

function drawn(pictures: Unsaved[]): HTMLElement {
  const date = moment(new Date(pictures[0]!.at).toISOString());
  const n = pictures.length;
  const back = button(
    t("unsaved.back"),
    () => {
      withdrawOffer();
      takeBack(pictures);
      go("answers");
    },
    "button",
  );
  const discard = button(t("unsaved.discard"), () => {
    discardUnsaved();
    withdrawOffer();
  });
  return make(
    "section",
    { className: "unsaved", id: "unsaved", attributes: { "aria-labelledby": "unsaved-title" } },
    make("h2", { id: "unsaved-title", textContent: t("unsaved.title") }),
    make("p", { textContent: t(n === 1 ? "unsaved.how_one" : "unsaved.how", { n, date }) }),
    make("div", { className: "unsaved-pictures" }, ...pictures.slice(0, FEW).map(({ shown }) => image(shown, ""))),
    make("div", { className: "actions" }, back, discard),
  );
}
