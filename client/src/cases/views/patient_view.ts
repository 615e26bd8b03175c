// One patient: where on the body the lesions are, each with its pictures over time.
import { confirmed } from "../../page/dialog.ts";
import { backLink, button, make } from "../../page/make.ts";
import { complain, say, sayThere } from "../../page/notices.ts";
import { addView, draw, go } from "../../page/views.ts";
import { t } from "../../words/words.ts";
import { bodyDrawing } from "../body/body_map.ts";
import { renamePatient } from "../forms/edit.ts";
import { labelName } from "../names.ts";
import { type Patient, patientsOf } from "../patients.ts";
import { allCases, deleteCases } from "../store.ts";
import { caseRow } from "./case_row.ts";
import { ordered } from "./search.ts";

export function addPatientView(): void {
  addView("patient", "patient.title", (stage, rest) => {
    let left = false;
    const id = decodeURIComponent(rest);
    allCases().then(
      (cases) => {
        if (left) return;
        const patient = patientsOf(cases).find((one) => one.id === id);
        if (patient) drawPatient(stage, patient);
        else stage.append(make("p", { textContent: t("patient.gone") }), back());
      },
      () => left || complain(t("cases.unkept")),
    );
    return () => {
      left = true;
      complain("");
      say("");
    };
  });
}

const back = (): HTMLElement => backLink("#cases", t("case.back"));

function drawPatient(stage: HTMLElement, patient: Patient): void {
  const { label, cases } = patient;
  const sites = cases.map(({ site }) => site);
  const rows = ordered([patient], "urgent")[0]!.cases.map((entry) => caseRow(entry));
  stage.append(
    make(
      "section",
      { className: "patient-view" },
      back(),
      make("h1", { textContent: labelName(label), tabIndex: -1 }),
      make("div", { className: "body-map seen-only" }, bodyDrawing("front", sites), bodyDrawing("back", sites)),
      make(
        "section",
        { className: "patient-spots" },
        make("h2", { textContent: t("patient.spots") }),
        make("ul", { className: "case-list", id: "case-list" }, ...rows),
      ),
      actions(patient),
    ),
  );
}

function actions(patient: Patient): HTMLElement {
  const { id, cases } = patient;
  const add = button(t("patient.add"), () => go("spot", encodeURIComponent(id)), "button");
  const rename = button(t("patient.rename"), async () => {
    if (!(await renamePatient(patient))) return;
    sayThere(t("save.saved"));
    draw();
  });
  const remove = button(
    t("patient.delete"),
    async () => {
      const pictures = cases.reduce((sum, { visits }) => sum + visits.length, 0);
      if (!(await confirmed(t("cases.sure_patient"), make("p", { textContent: t("cases.lost", { cases: cases.length, pictures }) })))) return;
      await deleteCases(cases.map((entry) => entry.id));
      sayThere(t("cases.deleted"));
      go("cases");
    },
    "button danger",
  );
  return make("div", { className: "actions case-actions" }, add, rename, remove);
}
