// A whole answer: the picture beside the words.
import type { Answer, Student } from "../engine";
import { make } from "../page/make";
import { t } from "../words/words";
import { bars } from "./bars";
import { caveats, couldAlsoBe, nextSteps } from "./explanation";
import { malignancy } from "./malignancy";
import { isRefused, riskTag, verdictMeaning, verdictName, warningText } from "./naming";
import { answeredPicture, frame } from "./picture";

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

function answered(answer: Answer, student: Student): HTMLElement[] {
  const next = nextStepsList(answer, student);
  const also = couldAlsoBe(answer, student.classes);
  const caveat = caveats(answer, student.classes);
  return [
    ...warnings(answer),
    make(
      "header",
      { className: "verdict" },
      make("p", { className: "over", textContent: t("verdict.over") }),
      make("h1", { id: "verdict", tabIndex: -1, textContent: verdictName(answer) }),
      make("p", { className: "plain" }, riskTag(answer.risk), " ", verdictMeaning(answer)),
      also && make("p", { id: "also", className: "also", textContent: also }),
    ),
    ...(caveat.text ? [aside(caveat)] : []),
    malignancy(answer, student, () => next.replaceChildren(...steps(answer, student))),
    make("section", { className: "next" }, make("h2", { textContent: t("next.title") }), next),
    make("section", {}, make("h2", { textContent: t("bars.title") }), bars(answer, student.classes)),
    make("p", { className: "fine", textContent: t("verdict.estimate") }),
  ];
}

/** The gate said no: the numbers mean nothing, so they are there only for who asks for them. */
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
