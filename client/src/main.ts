import { prepare, shownUpright, student } from "./engine/index.ts";
import { addAboutView } from "./about/about_view.ts";
import { adjust } from "./adjust/adjust.ts";
import { addCameraView } from "./camera/camera_view.ts";
import { addCompareView } from "./cases/comparison/compare_view.ts";
import { meantBy, meantNow, NOBODY } from "./cases/meant.ts";
import { startDueBadge } from "./cases/reminder/due_badge.ts";
import { addCaseView } from "./cases/views/case_view.ts";
import { addFollowViews } from "./cases/views/follow_view.ts";
import { addCasesView } from "./cases/views/list_view.ts";
import { addPatientView } from "./cases/views/patient_view.ts";
import { startExamples } from "./examples/examples.ts";
import { keepOffline } from "./offline.ts";
import { button, element } from "./page/make.ts";
import { complain } from "./page/notices.ts";
import { startLoadingLine } from "./page/loading.ts";
import { remembered } from "./page/remembered.ts";
import { startLanguageMenu, translatePage } from "./page/translated.ts";
import { go, startViews } from "./page/views.ts";
import { addAnswersView } from "./pictures/answers_view.ts";
import { listenForPictures } from "./pictures/intake.ts";
import { allPictures, answerInstead, type Given, type Picture, takePictures } from "./pictures/pictures.ts";
import { saveAllButton, saveButton } from "./pictures/save_buttons.ts";
import { offerUnsaved, withdrawOffer } from "./pictures/unsaved_offer.ts";
import { addSettingsView } from "./settings_view.ts";
import { percent } from "./words/numbers.ts";
import { onLanguage, startWords, t } from "./words/words.ts";

// What takes longest begins first.
const engine = prepare();
const description = student();
await startWords();
// The address names the case that pictures are taken for; the camera's has no room for it.
let behindCamera = NOBODY;
addEventListener("hashchange", ({ oldURL }) => {
  if (location.hash === "#camera") behindCamera = meantBy(new URL(oldURL).hash);
});

translatePage();
startLanguageMenu();
startLoadingLine(element("loading"));
addAnswersView(description, {
  save: saveButton,
  more: (picture) => [cropButton(picture)],
  saveAll: saveAllButton,
});
addCasesView();
addCaseView();
addPatientView();
addFollowViews();
addCompareView();
addSettingsView(description);
addAboutView(description);
addCameraView(description, (blob, name) => void show([{ blob, name, uncropped: false }]));
startViews();
void offerUnsaved();
startDueBadge();

// What sticks to the bottom on a phone lies above the notice, however many lines that has.
const notice = document.querySelector<HTMLElement>(".notice")!;
new ResizeObserver(() => {
  document.documentElement.style.setProperty("--notice-height", `${notice.offsetHeight}px`);
}).observe(notice);

listenForPictures((files) => void take(files));
element("live-camera").addEventListener("click", () => go("camera"));
startExamples((file) => void show([{ blob: file, name: file.name, uncropped: false }]));

const cropFirst = element("crop-first") as HTMLInputElement;
const wantsCrop = remembered("crop-first", "no");
cropFirst.checked = wantsCrop.value === "yes";
cropFirst.addEventListener("change", () => {
  wantsCrop.value = cropFirst.checked ? "yes" : "no";
});

/** Answer what was given, after cropping where that is wished; a picture given up there is left out. */
async function take(files: File[]): Promise<void> {
  const pictures: Given[] = [];
  for (const given of files) {
    const file = await shownUpright(given); // as it is answered
    const part = cropFirst.checked ? await adjust(file) : file;
    const uncropped = part === "unshown";
    if (part) pictures.push({ blob: uncropped ? file : part, name: given.name, uncropped });
  }
  if (pictures.length > 0) await show(pictures);
}

async function show(pictures: Given[]): Promise<void> {
  const meant = await meantNow(location.hash === "#camera" ? behindCamera : meantBy(location.hash));
  withdrawOffer();
  takePictures(pictures, meant);
  go("answers");
}

function cropButton(picture: Picture): HTMLElement {
  return button(t("action.crop"), async () => {
    const part = await adjust(picture.original);
    if (part === "unshown") complain(t("crop.unshown"));
    else if (part && part !== picture.shown) {
      answerInstead(picture, part);
      go("answers", String(allPictures().indexOf(picture) + 1));
    }
  });
}

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
