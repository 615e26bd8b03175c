// What patients and cases are called on the page.
import { day } from "../words/numbers.ts";
import { t } from "../words/words.ts";
import { siteName } from "./body/body_map.ts";
import type { Case } from "./case.ts";
import { lastDate } from "./patients.ts";

export const labelName = (label: string): string => label || t("cases.unlabelled");

/** A lesion among those of its patient: where it is, and when its last picture was taken. */
export const spotName = (entry: Case): string => [siteName(entry.site), day(lastDate(entry))].join(" · ");

export const caseName = (entry: Case): string => `${labelName(entry.patient)} · ${spotName(entry)}`;
