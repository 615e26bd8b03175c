import { make } from "../page/make.ts";

/**
 * A bar that is a share of its track. Its number stands beside it in words, so it is hidden from screen readers.
 * @param threshold where a mark is put, 0-1
 */
export function track(share: number, threshold: number | null = null): HTMLElement {
  const fill = make("span", { className: "fill" });
  fill.style.setProperty("--share", String(share));
  const bar = make("span", { className: "track", attributes: { "aria-hidden": "true" } }, fill);
  if (threshold !== null) {
    const mark = make("span", { className: "mark" });
    mark.style.setProperty("--share", String(threshold));
    bar.append(mark);
  }
  return bar;
}
