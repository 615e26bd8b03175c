// One page to print about a case: unseen on the screen, drawn whenever a case is open (css/cases/print.css).
import { couldAlsoBe } from "../answer/also.ts";
import { band } from "../answer/band.ts";
import { bars } from "../answer/bars.ts";
import { measuredAt } from "../answer/details.ts";
import { className, engineText, namedClasses } from "../answer/naming.ts";
import { nextSteps } from "../answer/next_steps.ts";
import { frame } from "../answer/picture/frame.ts";
import { heatOf } from "../answer/picture/picture.ts";
import { risk } from "../answer/risk.ts";
import { LIMITS, stampText, stampWarning } from "../answer/stamp.ts";
import { element, make } from "../page/make.ts";
import { allOf, moment, points } from "../words/numbers.ts";
import { isUnchecked, t } from "../words/words.ts";
import { bodyDrawing, siteName } from "./body/body_map.ts";
import { type Case, otherAlarm, readVisit, type Visit } from "./case.ts";

export const takeReportAway = (): void => element("report").replaceChildren();

export function putReport(entry: Case, visit: Visit): void {
  element("report").replaceChildren(
    heading(entry, visit),
    band(readVisit(visit), "p"),
    visit.imported ? make("p", { className: "caution", textContent: t("case.imported_visit") }) : "",
    otherAlarm(entry, visit) ? make("p", { className: "other-alarm", textContent: t("case.other_alarm") }) : "",
    pictures(entry, visit),
    words(entry, visit),
    footing(visit),
  );
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
  const judged = readVisit(visit).told.level !== "cannot_judge";
  const view = entry.site.startsWith("back") ? "back" : "front";
  const shown = (body: HTMLElement, caption: string): HTMLElement =>
    make("figure", {}, body, make("figcaption", { textContent: caption }));
  return make(
    "div",
    { className: "report-pictures" },
    before ? shown(frame(before.picture), t("report.earlier", { date: moment(before.date) })) : null,
    shown(frame(picture), t("report.without")),
    judged ? shown(frame(picture, heatOf(answer)), t("report.with")) : null,
    bodyDrawing(view, [entry.site]),
  );
}

function words(entry: Case, visit: Visit): HTMLElement {
  const reading = readVisit(visit);
  const { answer, student, told } = reading;
  const judged = told.level !== "cannot_judge";
  const also = judged ? couldAlsoBe(answer, student) : null;
  const line = (textContent: string | null): HTMLElement | null => (textContent ? make("p", { textContent }) : null);
  const names = allOf(namedClasses(told.classes, student.classes).map(className));
  return make(
    "div",
    { className: "report-words" },
    make(
      "div",
      {},
      judged ? make("p", { className: "report-verdict", textContent: `${t("kinds.one")}: ${names}` }) : null,
      ...(judged ? risk(reading) : []),
      line(stampText(reading)),
      line(stampWarning(reading)),
      line(measuredAt(reading)),
      also && line([also.text, also.measured].join(" ")),
    ),
    make("div", {}, judged && bars(answer, student.classes)),
    make(
      "div",
      { className: "report-rest" },
      ...nextSteps(reading).map(line),
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
  const made = t("report.made", { date: moment(new Date().toISOString()) });
  return make(
    "footer",
    {},
    make("p", { textContent: LIMITS.map((key) => t(key)).join(" ") }),
    make("p", { textContent: `${engineText(answer)} ${t("verdict.estimate")} ${made}.` }),
    isUnchecked() && make("p", { textContent: t("page.translation") }),
  );
}
