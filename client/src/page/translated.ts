// The words that index.html has, in the language that is shown; and the menu of languages.
import { direction } from "../words/languages.ts";
import { isUnchecked, type Key, language, onLanguage, speak, t } from "../words/words.ts";
import { element } from "./make.ts";
import { complain } from "./notices.ts";

/** Put the texts into what index.html has: data-t for the text, data-t-label for the accessible name. */
export function translatePage(): void {
  Object.assign(document.documentElement, { lang: language(), dir: direction(language()) });
  for (const place of document.querySelectorAll<HTMLElement>("[data-t]")) {
    place.textContent = t(place.dataset["t"] as Key);
  }
  for (const place of document.querySelectorAll<HTMLElement>("[data-t-label]")) {
    place.setAttribute("aria-label", t(place.dataset["tLabel"] as Key));
  }
  element("translation").hidden = !isUnchecked();
}

/** Begin to follow the menu of languages. */
export function startLanguageMenu(): void {
  const menu = element("language") as HTMLSelectElement;
  menu.value = language();
  menu.addEventListener("change", () => {
    speak(menu.value).catch(() => {
      menu.value = language();
      complain(t("problem.language"));
    });
  });
  onLanguage(translatePage);
}
