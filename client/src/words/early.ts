// Runs before anything is drawn, so that a page that reads from right to left never shows itself the other way round.
import { direction, wantedLanguage } from "./languages.ts";

const code = wantedLanguage();
Object.assign(document.documentElement, { lang: code, dir: direction(code) });
