// A whole answer: the picture beside the words.
import type { Answer, Student } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { t } from "../words/words.ts";
import { couldAlsoBe } from "./also.ts";
import { bars } from "./bars.ts";
import { caveats, nextSteps } from "./explanation.ts";
import { risk, sensitivity } from "./malignancy.ts";
import { isRefused, verdictName, warningText } from "./naming.ts";
import { chosenPoint } from "./operating_point.ts";
import { answeredPicture, frame } from "./picture/frame.ts";
import { verdict } from "./verdict.ts";

/** @param actions what can be done with it: buttons */
export function answerPanel(picture: Blob, answer: Answer, student: Student, ...actions: HTMLElement[]): HTMLElement {
  const words = isRefused(answer) ? refused(answer, student) : answered(answer, student);
  return make(
    "article",
    { className: "answer", attributes: { "aria-labelledby": "verdict" } },
    // Where the picture is refused, a heat map would explain an answer that there is not.
    isRefused(answer) ? make("figure", { className: "picture" }, frame(picture, null)) : answeredPicture(picture, answer),
    make("div", { className: "words" }, ...words, engineLine(answer)),
    make("div", { className: "actions" }, ...actions),
  );
}

/** What must be acted on comes first: the kind, the danger, the next step; then the doubts and the details. */
function answered(answer: Answer, student: Student): HTMLElement[] {
  const head = verdict(answer, student);
  const card = make("section", { className: "malignant", attributes: { "aria-label": t("malignant.title") } });
  const next = nextStepsList(answer, student);
  const number = (): void => card.replaceChildren(...risk(answer, chosenPoint(student)));
  const choice = sensitivity(student, () => {
    head.draw();
    number();
    next.replaceChildren(...steps(answer, student));
  });
  number();
  return [
    ...warnings(answer),
    head.element,
    card,
    make("section", { className: "next" }, make("h2", { textContent: t("next.title") }), next),
    ...doubts(answer, student),
    ...(choice ? [choice] : []),
    make("section", {}, make("h2", { textContent: t("bars.title") }), bars(answer, student.classes)),
    make("p", { className: "fine", textContent: t("verdict.estimate") }),
  ];
}

/** What else it could be, and how the answer may mislead. */
function doubts(answer: Answer, student: Student): HTMLElement[] {
  const also = couldAlsoBe(answer, student);
  const caveat = caveats(answer, student.classes);
  const other = also && make("p", { id: "also", className: "also", textContent: also.text });
  other?.toggleAttribute("data-dangerous", also!.dangerous);
  const measured = also?.measured && make("p", { id: "also-measured", className: "fine", textContent: also.measured });
  return [
    ...(caveat.text ? [aside(caveat)] : []),
    ...(other ? [make("section", { className: "doubt" }, other, measured || null)] : []),
  ];
}

/** The detector said no: the numbers mean nothing, so they are there only for who asks for them. */
function refused(answer: Answer, student: Student): HTMLElement[] {
  return [
    make(
      "header",
      { className: "verdict" },
      make("h1", { id: "verdict", tabIndex: -1, textContent: t("refused.title") }),
      make("p", { className: "plain", textContent: t("refused.plain") }),
    ),
    ...warnings(answer),
    make("section", { className: "next" }, make("h2", { textContent: t("next.title") }), nextStepsList(answer, student)),
    make(
      "details",
      { className: "anyway" },
      make("summary", { textContent: t("refused.anyway") }),
      make("p", {}, `${t("verdict.over")} `, make("strong", { textContent: verdictName(answer) }), "."),
      bars(answer, student.classes),
    ),
  ];
}

function warnings({ quality }: Answer): HTMLElement[] {
  if (quality.length === 0) return [];
  const items = quality.map((warning) => make("li", { textContent: warningText(warning) }));
  return [
    make(
      "section",
      { className: "warnings" },
      make("h2", { textContent: t("quality.title") }),
      make("ul", { id: "warnings" }, ...items),
    ),
  ];
}

function aside({ alarming, text }: { alarming: boolean; text: string }): HTMLElement {
  const made = make("p", { className: "aside", textContent: text });
  made.toggleAttribute("data-alarm", alarming);
  return made;
}

function nextStepsList(answer: Answer, student: Student): HTMLElement {
  return make("ul", { id: "next" }, ...steps(answer, student));
}

const steps = (answer: Answer, student: Student): HTMLElement[] =>
  nextSteps(answer, student).map((step) => make("li", { textContent: step }));

function engineLine({ engine, bundle }: Answer): HTMLElement {
  const text = t(engine === "device" ? "engine.device" : "engine.server", { ...bundle });
  return make("p", { id: "answered-by", className: "fine", textContent: text });
}
