// A case in the few lines of a list.
import { image } from "../../answer/picture/frame.ts";
import { stampWarning } from "../../answer/stamp.ts";
import { kindNames, levelMark } from "../../answer/summary.ts";
import { make } from "../../page/make.ts";
import { day } from "../../words/numbers.ts";
import { t } from "../../words/words.ts";
import { siteName } from "../body/body_map.ts";
import { type Case, readVisit } from "../case.ts";
import { labelName } from "../names.ts";
import { lastDate, worstOf } from "../patients.ts";
import { isDue } from "../reminder/due.ts";
import { reminderText } from "../reminder/reminder.ts";

/** @param whose whether the patient's label is said, too */
export function caseRow(entry: Case, whose = false): HTMLElement {
  const name = make("strong", { textContent: whose ? `${labelName(entry.patient)} · ${siteName(entry.site)}` : siteName(entry.site) });
  const link = make("a", { className: "case-row", href: `#case/${entry.id}` });
  try {
    link.append(...shown(entry, name));
  } catch {
    link.append(name); // damaged, and no reason to show none of the others
  }
  return make("li", {}, link);
}

function shown(entry: Case, name: HTMLElement): HTMLElement[] {
  const last = entry.visits.at(-1);
  // The most pressing of its pictures: a later one that looks better takes nothing back.
  const worst = worstOf([entry]);
  const reading = last && readVisit(last);
  const facts = [reading && kindNames(reading), day(lastDate(entry)), t("cases.count", { n: entry.visits.length })];
  const warning = reading ? stampWarning(reading) : "";
  const words = make(
    "span",
    { className: "case-words" },
    name,
    worst ? levelMark(worst.level) : null,
    entry.reminder !== undefined &&
      make("span", { className: isDue(entry) ? "reminder-due" : "fine", textContent: reminderText(entry) }),
    make("span", { className: "fine", textContent: facts.filter(Boolean).join(" · ") }),
    warning ? make("span", { className: "fine stamp-low", textContent: warning }) : null,
  );
  return last ? [image(last.picture, "", "lazy"), words] : [words];
}
