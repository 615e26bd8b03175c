// One page to print about a case: unseen on the screen, drawn whenever a case is open (css/print.css).
import { bars } from "../answer/bars";
import { couldAlsoBe, nextSteps } from "../answer/explanation";
import { measured, risk } from "../answer/malignancy";
import { isRefused, verdictMeaning, verdictName, warningText } from "../answer/naming";
import { chosenPoint } from "../answer/operating_point";
import { frame } from "../answer/picture";
import { element, make } from "../page/make";
import { moment, points } from "../words/numbers";
import { t } from "../words/words";
import { bodyDrawing, siteName } from "./body_map";
import { type Case, studentOf, type Visit } from "./case";

export const takeReportAway = (): void => element("report").replaceChildren();

export function putReport(entry: Case, visit: Visit): void {
  element("report").replaceChildren(heading(entry, visit), pictures(entry, visit), words(entry, visit), footing(visit));
}

function heading(entry: Case, visit: Visit): HTMLElement {
  const facts: [string, string][] = [
    [t("case.patient"), entry.patient || t("cases.unlabelled")],
    [t("case.site"), siteName(entry.site)],
    [t("case.date"), moment(visit.date)],
  ];
  return make(
    "header",
    {},
    make("p", { className: "report-title", textContent: t("report.title") }),
    make("p", { className: "report-notice", textContent: t("report.notice") }),
    make("dl", {}, ...facts.flatMap(([name, value]) => [make("dt", { textContent: name }), make("dd", { textContent: value })])),
  );
}

function pictures(entry: Case, { picture, answer }: Visit): HTMLElement {
  const view = entry.site.startsWith("back") ? "back" : "front";
  const shown = (body: HTMLElement, caption: string): HTMLElement =>
    make("figure", {}, body, make("figcaption", { textContent: caption }));
  return make(
    "div",
    { className: "report-pictures" },
    shown(frame(picture, null), t("report.without")),
    shown(frame(picture, answer), t("report.with")),
    bodyDrawing(view, entry.site),
  );
}

function words(entry: Case, visit: Visit): HTMLElement {
  const { answer } = visit;
  const student = studentOf(visit);
  const point = chosenPoint(student);
  const line = (textContent: string | null): HTMLElement | null => (textContent ? make("p", { textContent }) : null);
  const verdict = isRefused(answer)
    ? [make("p", { className: "report-verdict", textContent: t("refused.title") })]
    : [
        make("p", { className: "report-verdict", textContent: `${t("verdict.over")}: ${verdictName(answer)}` }),
        line(verdictMeaning(answer)),
        ...risk(answer, point).map((part) => (part.removeAttribute("id"), part)),
        point && measured(point),
        line(couldAlsoBe(answer, student.classes)),
      ];
  return make(
    "div",
    { className: "report-words" },
    make("div", {}, ...verdict, ...answer.quality.map((warning) => line(`⚠ ${warningText(warning)}`))),
    bars(answer, student.classes),
    make(
      "div",
      { className: "report-rest" },
      ...nextSteps(answer, student).map(line),
      line(since(entry, visit)),
      entry.notes ? make("p", { className: "notes", textContent: `${t("case.notes")}: ${entry.notes}` }) : null,
    ),
  );
}

function since({ visits }: Case, visit: Visit): string | null {
  const before = visits[visits.indexOf(visit) - 1];
  if (!before) return null;
  const change = points(visit.answer.malignant_probability - before.answer.malignant_probability);
  return t("report.since", { date: moment(before.date), change });
}

function footing({ answer }: Visit): HTMLElement {
  const by = t(answer.engine === "device" ? "engine.device" : "engine.server", { ...answer.bundle });
  const made = t("report.made", { date: moment(new Date().toISOString()) });
  return make("footer", {}, make("p", { textContent: `${by} ${t("verdict.estimate")} ${made}.` }));
}
