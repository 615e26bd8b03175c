// All cases of this browser; export and delete everything.
import { image } from "../answer/picture/frame.ts";
import { kindNames, levelMark } from "../answer/summary.ts";
import { byUrgency } from "../assessment/told.ts";
import { confirmed } from "../page/dialog.ts";
import { button, make } from "../page/make.ts";
import { complain, say, sayThere } from "../page/notices.ts";
import { addView, draw } from "../page/views.ts";
import { day } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { siteName } from "./body/body_map.ts";
import { type Case, readVisit } from "./case.ts";
import { exportCases } from "./transfer/export.ts";
import { importCases } from "./transfer/import.ts";
import { allCases, deleteAllCases } from "./store.ts";

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
    return [make("p", { textContent: t("cases.empty") }), where, make("div", { className: "actions" }, importField())];
  }
  const exported = button(t("cases.export"), async () => say(t("cases.exported", { name: await exportCases(cases) })));
  const deleted = button(
    t("cases.delete_all"),
    async () => {
      if (!(await confirmed(t("cases.sure_all"), ...whatIsLost(cases)))) return;
      await deleteAllCases();
      sayThere(t("cases.deleted"));
      draw();
    },
    "button danger",
  );
  return [
    where,
    make("ul", { className: "case-list", id: "case-list" }, ...cases.map(row)),
    make("div", { className: "actions" }, exported, importField(), deleted),
  ];
}

/** How much would be deleted, and a last chance to keep it. */
function whatIsLost(cases: Case[]): HTMLElement[] {
  const pictures = cases.reduce((sum, { visits }) => sum + visits.length, 0);
  const done = make("p", { className: "fine", attributes: { role: "status" } });
  const keep = button(t("cases.export"), async () => {
    done.textContent = t("cases.exported", { name: await exportCases(cases) });
  });
  return [make("p", { textContent: t("cases.lost", { cases: cases.length, pictures }) }), make("div", {}, keep), done];
}

/** Brings an exported file back. */
function importField(): HTMLElement {
  const input = make("input", { type: "file", id: "import", accept: ".json,application/json" });
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    input.value = ""; // so that choosing the same file again is a change
    if (!file) return;
    try {
      const n = await importCases(file);
      sayThere(t("cases.imported", { n }));
      draw();
    } catch {
      complain(t("cases.not_ours"));
    }
  });
  return make("label", { className: "button second" }, input, make("span", { textContent: t("cases.import") }));
}

function row(entry: Case): HTMLElement {
  const name = make("strong", { textContent: entry.patient || t("cases.unlabelled") });
  const link = make("a", { className: "case-row", href: `#case/${entry.id}` });
  try {
    link.append(...shown(entry, name));
  } catch {
    link.append(name); // damaged, and no reason to show none of the others
  }
  return make("li", {}, link);
}

function shown({ visits, site, created }: Case, name: HTMLElement): HTMLElement[] {
  const last = visits.at(-1);
  // The most pressing of its pictures: a later one that looks better takes nothing back.
  const [worst] = visits.map((visit) => readVisit(visit).told).sort(byUrgency);
  const words = make(
    "span",
    { className: "case-words" },
    name,
    make("span", { textContent: siteName(site) }),
    worst ? levelMark(worst.level) : null,
    make("span", {
      className: "fine",
      textContent: [
        last && kindNames(readVisit(last)),
        day(last?.date ?? created),
        t("cases.count", { n: visits.length }),
      ]
        .filter(Boolean)
        .join(" · "),
    }),
  );
  return last ? [image(last.picture, ""), words] : [words];
}
