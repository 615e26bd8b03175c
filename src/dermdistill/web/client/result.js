// @ts-check
import { drawHeat } from "./heat.js";

/** @typedef {import("./api.js").Answer} Answer */
/** @typedef {import("./api.js").ClassSpec} ClassSpec */

const RISKS = /** @type {Record<string, string>} */ ({ malignant: "malignant", precursor: "precursor", benign: "harmless" });

/** @param {string} id */
export const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {number} p */
export function percent(p) {
  if (p > 0 && p < 0.001) return "< 0.1 %";
  return `${(100 * p).toFixed(1)} %`;
}

/**
 * Write an answer into the page.
 * @param {Answer} answer
 * @param {ClassSpec[]} classes in the model's order
 */
export function showAnswer(answer, classes) {
  element("verdict").textContent = answer.name;
  element("plain").textContent = answer.plain;
  tag(element("risk"), answer.risk);
  element("malignant").textContent = percent(answer.malignant_probability);
  element("malignant-fill").style.setProperty("--share", String(answer.malignant_probability));
  const sorted = [...classes].sort((a, b) => answer.probabilities[b.code] - answer.probabilities[a.code]);
  element("bars").replaceChildren(...sorted.map((entry) => bar(entry, answer)));
  explainChoice(answer, sorted[0]);
  showWarnings(answer);
  element("heat-caption").textContent = `Bright places speak for “${answer.name}”; dark or clear ones do not.`;
  drawHeat(/** @type {HTMLCanvasElement} */ (element("heat")), answer.heat_map);
}

/**
 * @param {ClassSpec} entry
 * @param {Answer} answer
 */
function bar(entry, answer) {
  const template = /** @type {HTMLTemplateElement} */ (element("bar"));
  const row = /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (row.querySelector(name));
  row.classList.toggle("chosen", entry.code === answer.diagnosis);
  part(".bar-name").textContent = entry.name;
  part(".bar-value").textContent = percent(answer.probabilities[entry.code]);
  part(".fill").style.setProperty("--share", String(answer.probabilities[entry.code]));
  tag(part(".tag"), entry.risk);
  return row;
}

/**
 * @param {HTMLElement} place
 * @param {string} risk
 */
function tag(place, risk) {
  place.textContent = RISKS[risk];
  place.dataset.risk = risk;
}

/**
 * The class answered need not be the most probable one, nor need a harmless answer mean that danger is unlikely;
 * say so instead of leaving people to wonder.
 * @param {Answer} answer
 * @param {ClassSpec} likeliest
 */
function explainChoice(answer, likeliest) {
  const sentences = [];
  const alarming = answer.risk === "benign" && answer.malignant_probability >= 0.5;
  if (alarming) {
    sentences.push("Do not take this for harmless: a malignant or precursor lesion is more probable than not.");
  }
  if (likeliest.code !== answer.diagnosis) {
    sentences.push(
      `${likeliest.name} has the higher probability, but it is also more common: measured against how often each ` +
        `kind was seen in training, ${answer.name} stands out more.`,
    );
  }
  const aside = element("caveat");
  aside.hidden = sentences.length === 0;
  aside.toggleAttribute("data-alarm", alarming);
  aside.textContent = sentences.join(" ");
}

/** @param {Answer} answer */
function showWarnings(answer) {
  const messages = answer.quality.map((warning) => warning.message);
  if (answer.out_of_distribution?.refused) {
    messages.unshift("This does not look like a skin lesion the network knows. Do not rely on the answer below.");
  }
  const list = element("warnings");
  list.hidden = messages.length === 0;
  list.replaceChildren(
    ...messages.map((message) => Object.assign(document.createElement("li"), { textContent: message })),
  );
}
