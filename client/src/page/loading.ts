// How much of the network has been loaded, in megabytes; and what can be done where that takes too long.
import { type Loading, onLoading } from "../engine/index.ts";
import { SILENCE } from "../engine/start_worker.ts";
import { megabytes } from "../words/numbers.ts";
import { onLanguage, t } from "../words/words.ts";
import { button, make } from "./make.ts";

/** Milliseconds without a new byte after which a person is asked. */
const PATIENCE = 20_000;
/** The same where all bytes have come: longer than the engine waits before it starts again by itself. */
const PATIENCE_AT_THE_END = SILENCE + 5_000;

/** Follow the loading in the line that index.html has; it keeps its place, so that nothing below it moves. */
export function startLoadingLine(line: HTMLElement): void {
  const write = follow(line, line.querySelector("p")!, line.querySelector("progress")!, []);
  onLanguage(write);
}

/**
 * A line of its own, as where a picture waits.
 * @param instead what else can be done about that, beside waiting and loading again
 */
export function loadingLine(instead: HTMLElement[] = []): HTMLElement {
  const [text, bar] = [make("p"), make("progress", { max: 1 })];
  const line = make("div", { className: "loading" }, text, bar);
  follow(line, text, bar, instead);
  return line;
}

function follow(line: HTMLElement, text: HTMLElement, bar: HTMLProgressElement, instead: HTMLElement[]): () => void {
  const choices = make("div", { className: "loading-choices", hidden: true, attributes: { role: "alert" } });
  line.append(choices);
  let now: Loading = { state: "loading", loaded: 0, total: 0 };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    choices.hidden = true;
    const complete = now.total > 0 && now.loaded >= now.total;
    if (now.state === "loading") timer = setTimeout(offer, complete ? PATIENCE_AT_THE_END : PATIENCE);
  };
  const offer = (): void => {
    if (!line.isConnected) return;
    choices.replaceChildren(
      make("p", { textContent: t("loading.slow") }),
      make("div", { className: "actions" }, button(t("loading.wait"), wait), button(t("loading.reload"), () => location.reload()), ...instead),
    );
    choices.hidden = false;
  };
  const write = (): void => {
    text.textContent = told(now);
    if (now.state === "loading" && now.total === 0) bar.removeAttribute("value");
    else bar.value = now.state === "loading" ? now.loaded / now.total : 1;
    bar.setAttribute("aria-label", t("loading.network"));
    line.dataset["state"] = now.state;
  };
  let shown = false;
  const stop = onLoading((next) => {
    shown ||= line.isConnected;
    if (shown && !line.isConnected) return stop(); // its view was left
    const further = next.state !== now.state || next.loaded !== now.loaded;
    now = next;
    write();
    if (further) wait();
  });
  write();
  wait();
  return write;
}

function told({ state, loaded, total }: Loading): string {
  if (state !== "loading") return t(`loading.${state}`);
  return total === 0 ? t("loading.network") : t("loading.progress", { done: megabytes(loaded), all: megabytes(total) });
}
