// One page to print about a case: unseen on the screen, drawn whenever a case is open (css/cases/print.css).
import { couldAlsoBe } from "../answer/also.ts";
import { bars } from "../answer/bars.ts";
import { nextSteps } from "../answer/explanation.ts";
import { measured, risk } from "../answer/malignancy.ts";
import { isRefused, verdictMeaning, verdictName, warningText } from "../answer/naming.ts";
import { chosenPoint } from "../answer/operating_point.ts";
import { frame } from "../answer/picture/frame.ts";
import { isAbove } from "../answer/suspicion.ts";
import { element, make } from "../page/make.ts";
import { moment, points, wholePercent } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { bodyDrawing, siteName } from "./body/body_map.ts";
import { type Case, studentOf, type Visit } from "./case.ts";

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

function pictures(entry: Case, visit: Visit): HTMLElement {
  const { picture, answer } = visit;
  const before = earlier(entry, visit);
  const view = entry.site.startsWith("back") ? "back" : "front";
  const shown = (body: HTMLElement, caption: string): HTMLElement =>
    make("figure", {}, body, make("figcaption", { textContent: caption }));
  return make(
    "div",
    { className: "report-pictures" },
    ...(before ? [shown(frame(before.picture, null), t("report.earlier", { date: moment(before.date) }))] : []),
    shown(frame(picture, null), t("report.without")),
    shown(frame(picture, answer), t("report.with")),
    bodyDrawing(view, entry.site),
  );
}

function words(entry: Case, visit: Visit): HTMLElement {
  const { answer } = visit;
  const student = studentOf(visit);
  const point = chosenPoint(student);
  const above = isAbove(answer, student);
  const also = couldAlsoBe(answer, student);
  const line = (textContent: string | null): HTMLElement | null => (textContent ? make("p", { textContent }) : null);
  const verdict = isRefused(answer)
    ? [make("p", { className: "report-verdict", textContent: t("refused.title") })]
    : [
        above ? make("p", { className: "alarm", textContent: t("verdict.alarm") }) : null,
        make("p", { className: "report-verdict", textContent: `${t("verdict.over")}: ${verdictName(answer)}` }),
        line(verdictMeaning(answer, above)),
        ...risk(answer, point),
        point && line(`${t("malignant.choose")}: ${wholePercent(point.sensitivity)}`),
        point && measured(point),
        also && line([also.text, also.measured].join(" ")),
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

const earlier = ({ visits }: Case, visit: Visit): Visit | undefined => visits[visits.indexOf(visit) - 1];

function since(entry: Case, visit: Visit): string | null {
  const before = earlier(entry, visit);
  if (!before) return null;
  const change = points(visit.answer.malignant_probability - before.answer.malignant_probability);
  return t("report.since", { date: moment(before.date), change });
}

function footing({ answer }: Visit): HTMLElement {
  const by = t(answer.engine === "device" ? "engine.device" : "engine.server", { ...answer.bundle });
  const made = t("report.made", { date: moment(new Date().toISOString()) });
  return make("footer", {}, make("p", { textContent: `${by} ${t("verdict.estimate")} ${made}.` }), make("p", { textContent: t("page.fair_skin") }));
}
