// How many cases are due, beside the link that leads to them: a reminder must be seen by who did not think of it.
import { make } from "../../page/make.ts";
import { onLanguage, t } from "../../words/words.ts";
import { allCases, onCases } from "../store.ts";
import { dueCases } from "./due.ts";

/** Begin to show it: now, and after each change of the cases, of the language, and of the day at midnight or after sleep. */
export function startDueBadge(): void {
  const show = (): void => void showDue();
  onCases(show);
  onLanguage(show);
  addEventListener("visibilitychange", show);
  // The page is shown first: a browser may have hundreds of cases.
  setTimeout(show, 0);
}

async function showDue(): Promise<void> {
  const due = dueCases(await allCases().catch(() => [])).length;
  const link = document.querySelector(".places a[href='#cases']")!;
  link.querySelector(".badge")?.remove();
  if (due === 0) return;
  const badge = make("span", { className: "badge" });
  badge.append(
    make("span", { className: "spoken", textContent: ` · ${t("cases.due")}: ` }),
    String(due),
  );
  link.append(badge);
}
