import type { Answer, ClassSpec, Risk } from "./engine";
import { drawHeat } from "./heat";

const RISKS: Record<Risk, string> = { malignant: "malignant", precursor: "precursor", benign: "harmless" };

export const element = (id: string): HTMLElement => document.getElementById(id)!;

export function percent(p: number): string {
  if (p > 0 && p < 0.001) return "< 0.1 %";
  return `${(100 * p).toFixed(1)} %`;
}

/**
 * Write an answer into the page.
 * @param classes in the model's order
 */
export function showAnswer(answer: Answer, classes: ClassSpec[]): void {
  element("verdict").textContent = answer.name;
  element("plain").textContent = answer.plain;
  tag(element("risk"), answer.risk);
  element("malignant").textContent = percent(answer.malignant_probability);
  element("malignant-fill").style.setProperty("--share", String(answer.malignant_probability));
  const sorted = [...classes].sort((a, b) => answer.probabilities[b.code]! - answer.probabilities[a.code]!);
  element("bars").replaceChildren(...sorted.map((entry) => bar(entry, answer)));
  explainChoice(answer, sorted[0]!);
  showWarnings(answer);
  element("heat-caption").textContent = `Bright places speak for “${answer.name}”; dark or clear ones do not.`;
  drawHeat(element("heat") as HTMLCanvasElement, answer.heat_map);
}

function bar(entry: ClassSpec, answer: Answer): HTMLElement {
  const template = element("bar") as HTMLTemplateElement;
  const row = document.importNode(template.content, true).firstElementChild as HTMLElement;
  const part = (name: string) => row.querySelector<HTMLElement>(name)!;
  row.classList.toggle("chosen", entry.code === answer.diagnosis);
  part(".bar-name").textContent = entry.name;
  part(".bar-value").textContent = percent(answer.probabilities[entry.code]!);
  part(".fill").style.setProperty("--share", String(answer.probabilities[entry.code]));
  tag(part(".tag"), entry.risk);
  return row;
}

function tag(place: HTMLElement, risk: Risk): void {
  place.textContent = RISKS[risk];
  place.dataset.risk = risk;
}

/**
 * The class answered need not be the most probable one, nor need a harmless answer mean that danger is unlikely;
 * say so instead of leaving people to wonder.
 */
function explainChoice(answer: Answer, likeliest: ClassSpec): void {
  const sentences: string[] = [];
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

function showWarnings(answer: Answer): void {
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
