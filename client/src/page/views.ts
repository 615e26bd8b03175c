// Which view is shown: the part of the address after "#" says so, so that Back works as people expect.
import { type Key, onLanguage, t } from "../words/words.ts";
import { element } from "./make.ts";
import { arrived } from "./notices.ts";

/** Draws a view into its stage; returns what to do when it is left. `rest` is what follows its name and "/". */
export type View = (stage: HTMLElement, rest: string) => void | (() => void);

interface Options {
  /** Whether the intake, which index.html has, stays in sight above it. */
  intake?: boolean;
}

const views = new Map<string, { view: View; title: Key } & Options>();
let leave: (() => void) | void;

/**
 * Name a view. The view without a name is the intake, which is in index.html.
 * @param title of the browser's tab and history, and what a screen reader says of the page
 */
export function addView(name: string, title: Key, view: View, options: Options = {}): void {
  views.set(name, { view, title, ...options });
}

/** Go to a view. */
export function go(name: string, rest = ""): void {
  const hash = name && `#${name}${rest && `/${rest}`}`;
  if (hash && location.hash !== hash) {
    location.hash = hash; // which is heard below
    return;
  }
  if (!hash && location.hash) history.pushState(null, "", location.pathname);
  arrive();
}

/** Draw the view that the address names, from the start. */
export function draw(): void {
  leave?.();
  const [name = "", rest = ""] = location.hash.slice(1).split("/");
  const found = views.get(name);
  // A new one each time: what a view left earlier still brings lands nowhere.
  const stage = document.createElement("div");
  element("stage").replaceChildren(stage);
  element("intake").hidden = found !== undefined && !found.intake;
  document.title = `${t(found?.title ?? "page.look")} – ${t("page.title")}`;
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".places a")) {
    const current = (link.hash || "#answers") === placeOf(found ? name : "");
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  scrollTo({ top: 0 });
  leave = found?.view(stage, rest);
  arrived();
}

/** The link of the header that a view belongs to. */
function placeOf(name: string): string {
  if (name === "settings" || name === "about") return `#${name}`;
  return ["cases", "case", "patient", "compare"].includes(name) ? "#cases" : "#answers";
}

/** Who goes on by keyboard or screen reader begins at the top of what is new. */
function arrive(): void {
  draw();
  element("main").focus({ preventScroll: true });
}

/** Begin to follow the address and the language. */
export function startViews(): void {
  addEventListener("hashchange", arrive);
  onLanguage(draw);
  draw();
}
