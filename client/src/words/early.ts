// Runs before anything is drawn, so that the page is the right way round and in the right words from the start: words that
// came later would be longer or shorter, and move what is below them.
import { direction, wantedLanguage } from "./languages.ts";

/** Put in by build.mjs: what index.html says, by language (English stands there) and by key. */
declare const FIRST_WORDS: Record<string, Record<string, string>>;

const code = wantedLanguage();
Object.assign(document.documentElement, { lang: code, dir: direction(code) });

const words = FIRST_WORDS[code];
if (words) {
  const write = (): void => {
    for (const place of document.querySelectorAll<HTMLElement>("[data-t]")) {
      const text = words[place.dataset["t"]!];
      if (text !== undefined && place.textContent !== text) place.textContent = text;
    }
    for (const place of document.querySelectorAll<HTMLElement>("[data-t-label]")) {
      place.setAttribute("aria-label", words[place.dataset["tLabel"]!] ?? "");
    }
  };
  const parsed = new MutationObserver(write);
  parsed.observe(document, { childList: true, subtree: true });
  document.addEventListener(
    "readystatechange",
    () => {
      write();
      parsed.disconnect(); // before the page's own script, which speaks from here on
    },
    { once: true },
  );
}
