// The reminder of a case: set, moved, done, and as a file for a calendar. The page asks for no notifications.
import type { Level } from "../../assessment/assess.ts";
import { download } from "../../files/download.ts";
import { field } from "../../page/field.ts";
import { button, make } from "../../page/make.ts";
import { sayThere } from "../../page/notices.ts";
import { draw } from "../../page/views.ts";
import { day } from "../../words/numbers.ts";
import { t } from "../../words/words.ts";
import type { Case } from "../case.ts";
import { worstOf } from "../patients.ts";
import { keepCase, readCase } from "../store.ts";
import { calendarFile } from "./calendar_file.ts";
import { dayOf, isDue, noon, suggestedDay } from "./due.ts";

/** A reminder in a few words; "" without one. */
export function reminderText(entry: Case): string {
  const { reminder } = entry;
  if (reminder === undefined) return "";
  if (reminder === dayOf(new Date())) return t("reminder.today");
  return t(isDue(entry) ? "reminder.due" : "reminder.on", { date: day(noon(reminder)) });
}

export function reminderSection(entry: Case): HTMLElement {
  const level = levelOf(entry);
  const input = make("input", { type: "date", id: "reminder", min: dayOf(new Date()), required: true, value: entry.reminder ?? suggestedDay(level) });
  if (isDue(entry)) input.removeAttribute("min"); // it shows the day that has passed
  const save = make("button", { className: "button second", textContent: t("reminder.save") });
  const form = make("form", { className: "reminder-form" }, field(t("reminder.date"), input), save);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void keep(entry.id, input.value);
  });
  const { reminder } = entry;
  return make(
    "section",
    { className: "reminder", attributes: { "aria-labelledby": "reminder-title" } },
    make("h2", { id: "reminder-title", textContent: t("reminder.title") }),
    reminder !== undefined && make("p", { id: "reminder-text", className: isDue(entry) ? "reminder-due" : "", textContent: reminderText(entry) }),
    form,
    reminder !== undefined &&
      make(
        "div",
        { className: "actions" },
        button(t("reminder.file"), () => download(asFile(entry, reminder), `dermdistill-${reminder}.ics`)),
        button(t("reminder.done"), () => void keep(entry.id, null)),
      ),
    reminder !== undefined && make("p", { className: "fine", textContent: t("reminder.file_how") }),
    level === "see_doctor" && make("p", { className: "fine", textContent: t("reminder.instead") }),
  );
}

/** Of a damaged case the most pressing: nobody knows what it is. */
function levelOf(entry: Case): Level {
  try {
    return worstOf([entry])?.level ?? "see_doctor";
  } catch {
    return "see_doctor";
  }
}

const asFile = ({ id, patient }: Case, reminder: string): Blob =>
  new Blob([calendarFile(id, reminder, [t("reminder.calendar"), patient].filter(Boolean).join(" · "))], { type: "text/calendar" });

async function keep(id: string, reminder: string | null): Promise<void> {
  const now = await readCase(id);
  if (!now) return;
  const { reminder: _, ...rest } = now;
  await keepCase(reminder === null ? rest : { ...rest, reminder });
  sayThere(reminder === null ? t("reminder.removed") : t("reminder.set", { date: day(noon(reminder)) }));
  draw();
}
