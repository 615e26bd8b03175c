import { prepare, student } from "./engine";
import { keepOffline } from "./offline";
import { element } from "./page/make";
import { complain } from "./page/notices";
import { go, startViews } from "./page/views";
import { addAnswersView } from "./pictures/answers_view";
import { listenForPictures } from "./pictures/intake";
import { takePictures } from "./pictures/pictures";
import { percent } from "./words/numbers";
import { language, onLanguage, speak, t, translatePage } from "./words/words";

const description = student();

translatePage();
addAnswersView(description, () => []);
startViews();

listenForPictures((files) => {
  takePictures(files.map((file) => ({ blob: file, name: file.name })));
  go("answers");
});

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
