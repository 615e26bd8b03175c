// The first view again, for a picture of a case that is followed or of another lesion of a patient: it says whose.
import { image } from "../../answer/picture/frame.ts";
import { element, make } from "../../page/make.ts";
import { complain } from "../../page/notices.ts";
import { addView } from "../../page/views.ts";
import { t } from "../../words/words.ts";
import { meantBy, meantCase, meantFor } from "../meant.ts";
import { patientsOf } from "../patients.ts";
import { allCases } from "../store.ts";

export function addFollowViews(): void {
  for (const name of ["follow", "spot"]) {
    addView(name, "page.look", (stage) => showMeant(stage), { intake: true });
  }
}

function showMeant(stage: HTMLElement): () => void {
  const banner = make("section", { className: "meant", id: "meant" });
  const meant = meantBy(location.hash);
  allCases().then(
    (cases) => {
      const patients = patientsOf(cases);
      const now = meantFor(meant, patients);
      const last = meantCase(meant, patients)?.visits.at(-1);
      banner.append(
        ...(last ? [image(last.picture, "")] : []),
        make(
          "p",
          {},
          now.name ? t(meant.case ? "case.for" : "case.for_patient") : t(meant.case ? "case.gone" : "patient.gone"),
          make("strong", { textContent: now.name }),
        ),
        make("a", { className: "button second", href: "#", textContent: t("case.for_not") }),
      );
      if (stage.isConnected) element("intake").prepend(banner);
    },
    () => stage.isConnected && complain(t("cases.unkept")),
  );
  return () => {
    banner.remove();
    complain("");
  };
}
