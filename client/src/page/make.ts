// Elements in one expression, so that a view reads like what it shows.

type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<Omit<HTMLElementTagNameMap[Tag], "style" | "dataset" | "attributes" | "htmlFor">> & {
  /** Attributes, for what has no property of its own. */
  attributes?: Record<string, string>;
  htmlFor?: string;
};
export type Child = Node | string | null | false;

/** Make an element; children that are null or false are left out. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { attributes = {}, ...properties }: Properties<Tag> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties) as HTMLElementTagNameMap[Tag];
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child): child is Node | string => child !== null && child !== false));
  return made;
}

/** A button that does one thing. */
export function button(text: string, act: () => void, className = "button second"): HTMLButtonElement {
  return make("button", { type: "button", className, textContent: text, onclick: act });
}

/** A link that leads back; its arrow points where a line of the language begins. */
export function backLink(href: string, text: string): HTMLElement {
  const arrow = make("span", { className: "back-arrow", attributes: { "aria-hidden": "true" }, textContent: "←" });
  return make("a", { href, className: "back" }, arrow, ` ${text}`);
}

/** An element that index.html has. */
export const element = (id: string): HTMLElement => document.getElementById(id)!;
