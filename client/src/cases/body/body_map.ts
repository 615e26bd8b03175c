// The body map: a region is chosen on the drawing or from a list; both always show the same.
import { make } from "../../page/make.ts";
import { t, tCode } from "../../words/words.ts";
import { regions, type Region } from "./body_shapes.ts";

const SVG = "http://www.w3.org/2000/svg";
const VIEWS = ["front", "back"] as const;

export const siteName = (site: string): string => (site ? tCode(`site.${site}`, site) : t("body.none"));

/** @param chosen called with a region, or "" */
export function bodyMap(site: string, chosen: (site: string) => void): HTMLElement {
  const list = make("select", { id: "site", onchange: () => choose(list.value) });
  list.append(make("option", { value: "", textContent: t("body.none") }));
  for (const view of VIEWS) {
    const options = regions(view).map(({ id }) => make("option", { value: id, textContent: siteName(id) }));
    list.append(make("optgroup", { label: t(`body.${view}`) }, ...options));
  }
  const map = make("div", { className: "body-map" }, ...VIEWS.map((view) => bodyDrawing(view, [site], choose)));

  function choose(next: string): void {
    list.value = next;
    for (const shape of map.querySelectorAll("path")) shape.classList.toggle("here", shape.dataset["site"] === next);
    chosen(next);
  }

  list.value = site;
  return make(
    "div",
    { className: "body" },
    make("label", { htmlFor: "site", textContent: t("case.site") }),
    list,
    map,
    make("p", { className: "fine", textContent: t("body.map") }),
  );
}

/**
 * One view of the body. A drawing to point at: who cannot point has the list, so it is hidden from screen readers.
 * @param sites the regions that are marked
 */
export function bodyDrawing(view: "front" | "back", sites: string[], chosen?: (site: string) => void): HTMLElement {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "4 0 92 222");
  drawing.setAttribute("aria-hidden", "true");
  // Seen from the front, the left of the drawing is the patient's right.
  const sides = view === "front" ? (["body.right", "body.left"] as const) : (["body.left", "body.right"] as const);
  drawing.append(
    ...regions(view).map((region) => shape(region, sites, chosen)),
    ...sides.map((key, i) => sideName(t(key), i === 0 ? 5 : 95, i === 0 ? "start" : "end")),
  );
  return make("figure", { className: "body-view" }, make("figcaption", { textContent: t(`body.${view}`) }), drawing);
}

function sideName(text: string, x: number, anchor: string): SVGTextElement {
  const made = document.createElementNS(SVG, "text");
  Object.entries({ x: String(x), y: "10", "text-anchor": anchor, class: "side-name" }).forEach(([name, value]) =>
    made.setAttribute(name, value),
  );
  made.textContent = text;
  return made;
}

function shape({ id, path, mirrored }: Region, sites: string[], chosen?: (site: string) => void): SVGPathElement {
  const made = document.createElementNS(SVG, "path");
  made.setAttribute("d", path);
  made.dataset["site"] = id;
  if (mirrored) made.setAttribute("transform", "translate(100 0) scale(-1 1)");
  made.classList.toggle("here", sites.includes(id));
  if (chosen) {
    const title = document.createElementNS(SVG, "title");
    title.textContent = siteName(id);
    made.append(title);
    made.addEventListener("click", () => chosen(id));
  }
  return made;
}
