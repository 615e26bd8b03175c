// A labelled field of a form, with a hint that screen readers speak, too.
import { make } from "./make.ts";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** @param control with an id */
export function field(label: string, control: Control, hint = ""): HTMLElement {
  const told = hint && make("p", { id: `${control.id}-hint`, className: "fine", textContent: hint });
  if (told) control.setAttribute("aria-describedby", told.id);
  return make("div", { className: "field" }, make("label", { htmlFor: control.id, textContent: label }), control, told || null);
}
