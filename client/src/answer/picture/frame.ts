// A picture in its own proportions; a sentence where the browser cannot show it.
import { make } from "../../page/make.ts";
import { t } from "../../words/words.ts";

/**
 * A blob as an image; its address is let go when it is loaded.
 * @param loading "lazy" in lists, which may have hundreds: loaded when it comes into sight
 */
export function image(blob: Blob, alt: string, loading: "eager" | "lazy" = "eager"): HTMLImageElement {
  const address = URL.createObjectURL(blob);
  const made = make("img", { loading, alt });
  made.src = address; // after `loading`, or it would be loaded at once
  const done = (): void => URL.revokeObjectURL(address);
  made.addEventListener("load", done);
  made.addEventListener("error", () => {
    done();
    made.classList.add("unshown");
  });
  return made;
}

/** @param over what lies over the picture, if anything, such as a heat map */
export function frame(picture: Blob, over: HTMLElement | null = null): HTMLElement {
  const photo = image(picture, t("picture.alt"));
  photo.className = "photo";
  const box = make("div", { className: "frame" }, make("div", { className: "layers" }, photo, over));
  photo.addEventListener("load", () => {
    box.style.setProperty("--ratio", String(photo.naturalWidth / photo.naturalHeight));
  });
  photo.addEventListener("error", () => {
    box.replaceWith(make("p", { className: "no-view", textContent: t("picture.unshown") }));
  });
  return box;
}
