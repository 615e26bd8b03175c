// What this page is, how often it is wrong, what it cannot know, and what its words mean.
import { wrongIn } from "../answer/band.ts";
import { LIMITS } from "../answer/stamp.ts";
import { chosenSensitivity, USUAL } from "../assessment/operating_point.ts";
import type { Student } from "../engine/index.ts";
import { make } from "../page/make.ts";
import { addView } from "../page/views.ts";
import { percent, wholePercent } from "../words/numbers.ts";
import { isUnchecked, t } from "../words/words.ts";

const TERMS = [
  "dermatoscope",
  "malignant",
  "precursor",
  "benign",
  "probability",
  "sensitivity",
  "threshold",
  "unlike",
  "heat_map",
  "checklist",
] as const;

export function addAboutView(description: Promise<Student>): void {
  addView("about", "about.title", (stage) => {
    const measured = make("p", { id: "about-measured", textContent: "\u00a0" });
    stage.append(
      make(
        "article",
        { className: "about" },
        make("h1", { textContent: t("about.title") }),
        part("about.what", t("about.what_how"), t("about.what_for"), t("intake.privacy")),
        make("section", {}, make("h2", { textContent: t("about.wrong") }), measured, make("p", { textContent: t("next.always") })),
        limits(),
        glossary(),
        isUnchecked() && part("page.language", t("page.translation")),
      ),
    );
    description.then((student) => (measured.textContent = howOftenWrong(student)), () => undefined);
  });
}

function part(title: Parameters<typeof t>[0], ...sentences: string[]): HTMLElement {
  return make("section", {}, make("h2", { textContent: t(title) }), ...sentences.map((textContent) => make("p", { textContent })));
}

function limits(): HTMLElement {
  const all = [...LIMITS, "about.limits_kinds", "about.limits_body"] as const;
  return make(
    "section",
    { className: "limits" },
    make("h2", { textContent: t("limits.title") }),
    make("ul", {}, ...all.map((key) => make("li", { textContent: t(key) }))),
  );
}

function glossary(): HTMLElement {
  return make(
    "section",
    {},
    make("h2", { textContent: t("about.glossary") }),
    make(
      "dl",
      { className: "glossary", id: "glossary" },
      ...TERMS.flatMap((term) => [
        make("dt", { textContent: t(`term.${term}`) }),
        make("dd", { textContent: t(`term.${term}.means`) }),
      ]),
    ),
  );
}

/** What "no sign of danger found" was measured to miss, and the model's score. */
function howOftenWrong(student: Student): string {
  const sensitivity = chosenSensitivity(student);
  const told = { level: "no_sign", reasons: [], classes: [], sensitivity } as const;
  const missed = wrongIn({ student, told: { ...told, reasons: [], classes: [] } });
  const balanced = student.metrics?.values["balanced_accuracy"];
  return [
    t("stamp.at", { sensitivity: wholePercent(sensitivity ?? USUAL) }),
    t("settings.no_sign"),
    missed,
    balanced && student.metrics ? t("student.score", { score: percent(balanced.value), n: student.metrics.n_images }) : "",
  ].join(" ");
}
