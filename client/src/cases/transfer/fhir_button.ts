// A case for a patient's record, as a FHIR file.
import { download } from "../../files/download.ts";
import { button } from "../../page/make.ts";
import { say } from "../../page/notices.ts";
import { t } from "../../words/words.ts";
import type { Case } from "../case.ts";
import { fhirBundle } from "./fhir.ts";

export const fhirButton = (entry: Case): HTMLElement =>
  button(t("case.fhir"), () => {
    const name = `dermdistill-case-${entry.id}.fhir.json`;
    download(new Blob([JSON.stringify(fhirBundle(entry), null, 1)], { type: "application/fhir+json" }), name);
    say(t("export.saved", { name }));
  });
