import { prepare, type Student, student } from "./engine";
import { adjust } from "./adjust/adjust";
import { addCameraView } from "./camera/camera_view";
import { newVisit } from "./cases/case";
import { saveVisit } from "./cases/case_form";
import { addCaseView } from "./cases/case_view";
import { addCompareView } from "./cases/compare_view";
import { addCasesView } from "./cases/list_view";
import { keepOffline } from "./offline";
import { button, element } from "./page/make";
import { complain, say } from "./page/notices";
import { remembered } from "./page/remembered";
import { go, startViews } from "./page/views";
import { addAnswersView } from "./pictures/answers_view";
import { listenForPictures } from "./pictures/intake";
import { answerInstead, type Picture, takePictures } from "./pictures/pictures";
import { percent } from "./words/numbers";
import { language, onLanguage, speak, t, translatePage } from "./words/words";

const description = student();
// The case that the next picture is meant for, as it was asked for there.
let followed = "";

translatePage();
addAnswersView(description, (picture, spec) => [saveButton(picture, spec), cropButton(picture)]);
addCasesView();
addCaseView((id) => {
  followed = id;
  go("");
});
addCompareView();
addCameraView(description, (blob, name) => show([{ blob, name }]));
startViews();

listenForPictures((files) => void take(files));
element("live-camera").addEventListener("click", () => go("camera"));

const cropFirst = element("crop-first") as HTMLInputElement;
const wantsCrop = remembered("crop-first", "no");
cropFirst.checked = wantsCrop.value === "yes";
cropFirst.addEventListener("change", () => {
  wantsCrop.value = cropFirst.checked ? "yes" : "no";
});

/** Answer what was given, after cropping where that is wished; a picture given up there is left out. */
async function take(files: File[]): Promise<void> {
  const pictures: { blob: Blob; name: string }[] = [];
  for (const file of files) {
    const blob = cropFirst.checked ? await adjust(file) : file;
    if (blob) pictures.push({ blob, name: file.name });
  }
  if (pictures.length > 0) show(pictures);
}

function show(pictures: { blob: Blob; name: string }[]): void {
  takePictures(pictures);
  go("answers");
}

function saveButton(picture: Picture, spec: Student): HTMLElement {
  return button(
    t("action.save"),
    async () => {
      try {
        const id = await saveVisit(newVisit(picture.shown, picture.answer!, spec), followed);
        if (id === null) return;
        followed = "";
        go("case", id);
        say(t("save.saved"));
      } catch {
        complain(t("cases.unkept"));
      }
    },
    "button",
  );
}

function cropButton(picture: Picture): HTMLElement {
  return button(t("action.crop"), async () => {
    const part = await adjust(picture.original);
    if (!part || part === picture.shown) return;
    answerInstead(picture, part);
    go("answers");
  });
}

const languages = element("language") as HTMLSelectElement;
languages.value = language();
languages.addEventListener("change", () => speak(languages.value));

const engine = prepare();
const offline = engine.then((state) => keepOffline(state, offerUpdate));

showAbout();
onLanguage(showAbout);

function showAbout(): void {
  showStudent();
  void showEngine();
}

async function showEngine(): Promise<void> {
  const onDevice = (await engine).engine === "device";
  const key = onDevice ? ((await offline) ? "page.where_offline" : "page.where_device") : "page.where_server";
  element("engine").textContent = t(key);
}

function offerUpdate(use: () => void): void {
  element("use-update").onclick = use;
  element("update").hidden = false;
}

function showStudent(): void {
  description.then(
    ({ name, version, metrics }) => {
      const balanced = metrics?.values["balanced_accuracy"];
      const score =
        metrics && balanced
          ? t("student.score", { score: percent(balanced.value), n: metrics.n_images })
          : "";
      element("model").textContent = `${t("student.name", { name, version })} ${score}`;
    },
    () => complain(t("problem.student")),
  );
}
