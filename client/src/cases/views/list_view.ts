// All patients of this browser with their lesions: searched and sorted; what is due; export, import, deletion.
import { confirmed } from "../../page/dialog.ts";
import { forgetDrafts } from "../../page/draft.ts";
import { field } from "../../page/field.ts";
import { button, make } from "../../page/make.ts";
import { complain, say, sayThere } from "../../page/notices.ts";
import { discardUnsaved } from "../../pictures/unsaved.ts";
import { remembered } from "../../page/remembered.ts";
import { addView, draw } from "../../page/views.ts";
import { t } from "../../words/words.ts";
import type { Case } from "../case.ts";
import { labelName } from "../names.ts";
import { type Patient, patientsOf } from "../patients.ts";
import { dueCases } from "../reminder/due.ts";
import { allCases, deleteAllCases } from "../store.ts";
import { exportButton } from "../transfer/export_button.ts";
import { importField } from "../transfer/import_field.ts";
import { caseRow } from "./case_row.ts";
import { found, type Order, ordered, ORDERS } from "./search.ts";

const order = remembered("cases-order", "recent");
// Kept while the page is open, so that who comes back from a case finds the same list.
let search = "";

export function addCasesView(): void {
  addView("cases", "cases.title", (stage) => {
    const place = make("section", { className: "cases" }, make("h1", { textContent: t("cases.title"), tabIndex: -1 }));
    stage.append(place);
    allCases().then(
      (cases) => place.append(...contents(cases)),
      () => complain(t("cases.unkept")),
    );
    return () => {
      complain("");
      say("");
    };
  });
}

function contents(cases: Case[]): HTMLElement[] {
  const where = make("p", { className: "fine", textContent: t("cases.where") });
  if (cases.length === 0) {
    search = "";
    return [make("p", { textContent: t("cases.empty") }), where, make("div", { className: "actions" }, importField())];
  }
  const actions = make("div", { className: "actions case-actions" }, exportButton(cases), importField(), deleteButton(cases));
  return [where, ...due(cases), ...list(cases), actions];
}

function due(cases: Case[]): HTMLElement[] {
  const now = dueCases(cases);
  if (now.length === 0) return [];
  const rows = make("ul", { className: "case-list", id: "due-list" }, ...now.map((entry) => caseRow(entry, true)));
  return [make("section", { className: "due", attributes: { "aria-labelledby": "due-title" } }, make("h2", { id: "due-title", textContent: t("cases.due") }), rows)];
}

function list(cases: Case[]): HTMLElement[] {
  const count = make("p", { id: "cases-count", className: "fine", attributes: { role: "status" } });
  const place = make("div", { id: "case-list", className: "patients" });
  const input = make("input", { type: "search", id: "search", value: search, attributes: { autocomplete: "off" } });
  const sort = make("select", { id: "sort" }, ...ORDERS.map((name) => make("option", { value: name, textContent: t(`cases.sort_${name}`) })));
  sort.value = ORDERS.includes(order.value as Order) ? order.value : "recent";
  // Rows stay the same elements, so that typing loads no picture again.
  const rows = new Map<string, HTMLElement>();
  const rowOf = (entry: Case): HTMLElement => {
    const row = rows.get(entry.id) ?? caseRow(entry);
    rows.set(entry.id, row);
    return row;
  };
  const show = (): void => {
    const some = found(cases, search);
    count.textContent = search.trim() ? t("cases.found", { spots: some.length, all: cases.length }) : totals(cases);
    place.replaceChildren(
      ...(some.length === 0 ? [make("p", { textContent: t("cases.none_found") })] : []),
      ...ordered(patientsOf(some), sort.value as Order).map((patient) => group(patient, rowOf)),
    );
  };
  input.addEventListener("input", () => {
    search = input.value;
    show();
  });
  sort.addEventListener("change", () => {
    order.value = sort.value;
    show();
  });
  show();
  return [make("div", { className: "case-tools" }, field(t("cases.search"), input), field(t("cases.sort"), sort)), count, place];
}

function group({ id, label, cases }: Patient, rowOf: (entry: Case) => HTMLElement): HTMLElement {
  const name = make("a", { href: `#patient/${encodeURIComponent(id)}`, textContent: labelName(label) });
  return make(
    "section",
    { className: "patient" },
    make("h2", {}, name),
    make("ul", { className: "case-list" }, ...cases.map(rowOf)),
  );
}

const totals = (cases: Case[]): string =>
  t("cases.shown", {
    patients: patientsOf(cases).length,
    spots: cases.length,
    pictures: cases.reduce((sum, { visits }) => sum + visits.length, 0),
  });

function deleteButton(cases: Case[]): HTMLElement {
  return button(
    t("cases.delete_all"),
    async () => {
      const pictures = cases.reduce((sum, { visits }) => sum + visits.length, 0);
      const lost = make("p", { textContent: t("cases.lost", { cases: cases.length, pictures }) });
      // A last chance to keep it.
      if (!(await confirmed(t("cases.sure_all"), lost, make("div", { className: "actions" }, exportButton(cases))))) return;
      await deleteAllCases();
      discardUnsaved();
      forgetDrafts();
      sayThere(t("cases.deleted"));
      draw();
    },
    "button danger",
  );
}
