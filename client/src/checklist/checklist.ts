// The weighted seven-point checklist (MacKie 1990; NICE guideline NG12 refers from three points on): what a person sees
// and is told, beside what the network says. Neither changes the other.
import { make } from "../page/make.ts";
import { t } from "../words/words.ts";

/** Points by sign: the three major ones count double. */
export const SIGNS = { size: 2, shape: 2, colour: 2, wide: 1, inflamed: 1, oozing: 1, sensation: 1 } as const;
export type Sign = keyof typeof SIGNS;
export const REFERRED_FROM = 3;

/** What was ticked beside a picture, for as long as the page is open. */
const ticked = new WeakMap<Blob, Set<Sign>>();

export const pointsOf = (signs: Iterable<Sign>): number => [...signs].reduce((sum, sign) => sum + SIGNS[sign], 0);

export function checklist(picture: Blob): HTMLElement {
  const signs = ticked.get(picture) ?? new Set<Sign>();
  ticked.set(picture, signs);
  const points = make("strong", { id: "points" });
  const advice = make("p", { id: "points-advice" });
  const count = (): void => {
    const n = pointsOf(signs);
    points.textContent = t("checklist.points", { n });
    advice.textContent = t(n >= REFERRED_FROM ? "checklist.refer" : "checklist.less");
    advice.className = n >= REFERRED_FROM ? "caution" : "fine";
  };
  const rows = (Object.keys(SIGNS) as Sign[]).map((sign) => {
    const box = make("input", { type: "checkbox", name: sign, checked: signs.has(sign) });
    box.addEventListener("change", () => {
      if (box.checked) signs.add(sign);
      else signs.delete(sign);
      count();
    });
    return make("label", { className: "check" }, box, make("span", { textContent: t(`checklist.${sign}`) }));
  });
  count();
  return make(
    "details",
    { className: "checklist", open: signs.size > 0 },
    make("summary", { textContent: t("checklist.title") }),
    make("p", { className: "fine", textContent: t("checklist.lead") }),
    make("fieldset", {}, make("legend", { className: "spoken", textContent: t("checklist.title") }), ...rows),
    make("div", { attributes: { role: "status" } }, make("p", {}, points), advice),
  );
}
