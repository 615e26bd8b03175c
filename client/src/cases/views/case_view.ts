// One case: what was said of it, its pictures with their answers, comparison, report, deletion.
import { answerPanel } from "../../answer/panel.ts";
import { image } from "../../answer/picture/frame.ts";
import { levelMark } from "../../answer/summary.ts";
import { confirmed } from "../../page/dialog.ts";
import { backLink, button, type Child, make } from "../../page/make.ts";
import { complain, say, sayThere } from "../../page/notices.ts";
import { addView, draw, go } from "../../page/views.ts";
import { moment, moments } from "../../words/numbers.ts";
import { t } from "../../words/words.ts";
import { siteName } from "../body/body_map.ts";
import { type Case, otherAlarm, patientId, readVisit, type Visit } from "../case.ts";
import { editCase, editDate } from "../forms/edit.ts";
import { labelName } from "../names.ts";
import { reminderSection } from "../reminder/reminder.ts";
import { putReport, takeReportAway } from "../report.ts";
import { deleteCases, keepCase, readCase } from "../store.ts";
import { fhirButton } from "../transfer/fhir_button.ts";

export function addCaseView(): void {
  addView("case", "save.to", (stage, id) => {
    let left = false;
    readCase(id).then(
      (entry) => {
        if (left) return;
        if (!entry || entry.visits.length === 0) stage.append(make("p", { textContent: t("case.gone") }), back());
        else drawCase(stage, entry);
      },
      () => left || complain(t("cases.unkept")),
    );
    return () => {
      left = true;
      takeReportAway();
      complain("");
      say("");
    };
  });
}

function drawCase(stage: HTMLElement, entry: Case): void {
  const place = make("div");
  // Appended before an answer is drawn, so that a damaged case can be deleted at least.
  const row = make("ul", { className: "strip", attributes: { "aria-label": t("case.pictures") } });
  stage.append(about(entry), place, reminderSection(entry), caseActions(entry));
  const dates = moments(entry.visits.map(({ date }) => date));
  const open = (visit: Visit): void => {
    row.replaceChildren(...entry.visits.map((other, i) => card(other, dates[i]!, other === visit, () => turnTo(other))));
    place.replaceChildren(
      otherAlarm(entry, visit) ? make("p", { id: "other-alarm", className: "other-alarm", textContent: t("case.other_alarm") }) : "",
      visit.imported ? make("p", { className: "caution imported", textContent: t("case.imported_visit") }) : "",
      answerPanel(visit.picture, readVisit(visit), nextActions(entry), [dateButton(entry, visit), deleteVisit(entry, visit)]),
    );
    showOpen(row);
    putReport(entry, visit);
  };
  const turnTo = (visit: Visit): void => {
    open(visit);
    place.querySelector<HTMLElement>("#verdict")?.focus(); // the card that was pressed is no more
  };
  if (entry.visits.length > 1) place.before(row);
  open(entry.visits.at(-1)!);
}

/** The open picture's card is in sight, also in a strip that is wider than the screen. */
function showOpen(row: HTMLElement): void {
  const open = row.querySelector<HTMLElement>("[aria-pressed=true]");
  if (open) row.scrollLeft = open.offsetLeft - (row.clientWidth - open.offsetWidth) / 2;
}

const back = (): HTMLElement => backLink("#cases", t("case.back"));

const toPatient = (entry: Case): HTMLElement =>
  make("a", { href: `#patient/${encodeURIComponent(patientId(entry))}`, className: "back", textContent: `${t("patient.title")}: ${labelName(entry.patient)}` });

function about(entry: Case): HTMLElement {
  return make(
    "section",
    { className: "case-about" },
    make("p", { className: "trail" }, back(), toPatient(entry)),
    make("h2", { className: "case-title", textContent: `${labelName(entry.patient)} · ${siteName(entry.site)}` }),
    entry.notes ? make("p", { className: "notes", textContent: entry.notes }) : null,
  );
}

/** What one comes for: on a phone always in sight. */
function nextActions(entry: Case): HTMLElement[] {
  return [button(t("case.add"), () => go("follow", entry.id), "button"), button(t("case.print"), () => print())];
}

function caseActions(entry: Case): HTMLElement {
  const edit = button(t("case.edit"), async () => {
    if (!(await editCase(entry))) return;
    sayThere(t("save.saved"));
    draw();
  });
  const remove = button(
    t("case.delete"),
    async () => {
      if (!(await confirmed(t("case.sure")))) return;
      await deleteCases([entry.id]);
      sayThere(t("cases.deleted"));
      go("cases");
    },
    "button danger",
  );
  const several: Child = entry.visits.length > 1 && button(t("case.compare"), () => go("compare", entry.id));
  return make("div", { className: "actions case-actions" }, several, fhirButton(entry), edit, remove);
}

function card(visit: Visit, date: string, open: boolean, onOpen: () => void): HTMLElement {
  const shown = make(
    "button",
    { type: "button", className: "card", onclick: onOpen, attributes: { "aria-pressed": String(open) } },
    image(visit.picture, ""),
    make("span", { className: "card-name date", textContent: date }),
    levelMark(readVisit(visit).told.level),
  );
  return make("li", {}, shown);
}

/** The day on which the picture was taken, and another one for it. */
function dateButton(entry: Case, visit: Visit): HTMLElement {
  const change = button(t("case.change"), async () => {
    if (!(await editDate(entry, visit))) return;
    sayThere(t("save.saved"));
    draw();
  });
  return make("div", { className: "taken" }, make("p", { id: "taken-on", textContent: `${t("case.taken")}: ${moment(visit.date)}` }), change);
}

function deleteVisit(entry: Case, visit: Visit): HTMLElement {
  return button(
    t("case.delete_picture"),
    async () => {
      if (!(await confirmed(t("case.sure_picture")))) return;
      const visits = entry.visits.filter((other) => other !== visit);
      if (visits.length === 0) {
        await deleteCases([entry.id]);
        sayThere(t("cases.deleted"));
        go("cases");
      } else {
        await keepCase({ ...entry, visits });
        sayThere(t("cases.deleted"));
        draw();
      }
    },
    "button danger",
  );
}
