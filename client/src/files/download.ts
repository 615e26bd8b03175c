// Give a file to the person: the browser saves it as a download.
import { make } from "../page/make.ts";

// Long enough for a slow disk; the file lies in memory or the browser's own store until then.
const KEPT_MILLISECONDS = 600_000;

/** A link that saves a file when it is followed. */
export function downloadLink(file: Blob, name: string, textContent: string, className = ""): HTMLAnchorElement {
  const address = URL.createObjectURL(file);
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MILLISECONDS);
  return make("a", { href: address, download: name, textContent, className });
}

export const download = (file: Blob, name: string): void => downloadLink(file, name, name).click();
