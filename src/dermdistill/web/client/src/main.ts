import { PlainError, answer, prepare, student } from "./engine";
import { listenForPictures } from "./intake";
import { keepOffline } from "./offline";
import { element, percent, showAnswer } from "./result";

const description = student();
let current = new AbortController();

description.then(
  ({ name, version, metrics }) => {
    const balanced = metrics?.values["balanced_accuracy"];
    const score =
      metrics && balanced
        ? `, balanced accuracy ${percent(balanced.value)} on ${metrics.n_images} ${metrics.split} images`
        : "";
    element("model").textContent = `Student ${name} ${version}${score}.`;
  },
  () => showProblem("The server does not say which student it runs. Load the page again."),
);

prepare().then(async (state) => {
  const offline = await keepOffline(state, offerUpdate);
  const where = state.engine === "device" ? "Answers are made on this device" : "Answers are made on the server";
  element("engine").textContent = `${where}${offline ? ", also without a network" : ""}.`;
});

listenForPictures(answerPicture);
element("again").addEventListener("click", startAgain);
element("opacity").addEventListener("input", setOpacity);
element("photo").addEventListener("error", () => showPhoto(false));
element("photo").addEventListener("load", () => showPhoto(true));
setOpacity();

async function answerPicture(picture: File, count: number): Promise<void> {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  element("problem").hidden = true;
  say(count > 1 ? `Looking at the first of ${count} pictures…` : "Looking at the picture…");
  document.body.setAttribute("aria-busy", "true");
  try {
    const [given, { classes }] = await Promise.all([answer(picture, signal), description]);
    if (signal.aborted) return;
    showAnswer(given, classes);
    putPhoto(picture);
    element("intake").hidden = true;
    element("answer").hidden = false;
    say("");
    element("verdict").focus();
    scrollTo({ top: 0 });
  } catch (error) {
    if (signal.aborted) return;
    say("");
    startAgain();
    showProblem(error instanceof PlainError ? error.message : "The page made a mistake. Load it again.");
    if (!(error instanceof PlainError)) throw error;
  } finally {
    if (!signal.aborted) document.body.removeAttribute("aria-busy");
  }
}

function putPhoto(picture: File): void {
  const photo = element("photo") as HTMLImageElement;
  URL.revokeObjectURL(photo.src);
  photo.src = URL.createObjectURL(picture);
}

function showPhoto(works: boolean): void {
  const photo = element("photo") as HTMLImageElement;
  if (works) element("frame").style.setProperty("--ratio", String(photo.naturalWidth / photo.naturalHeight));
  element("frame").hidden = !works;
  element("no-view").hidden = works;
}

function startAgain(): void {
  element("answer").hidden = true;
  element("intake").hidden = false;
  element("choose").focus();
}

function setOpacity(): void {
  const { value } = element("opacity") as HTMLInputElement;
  element("heat").style.opacity = String(Number(value) / 100);
  element("opacity-value").textContent = `${value} %`;
}

function say(sentence: string): void {
  element("status").textContent = sentence;
}

function showProblem(sentence: string): void {
  element("problem").textContent = sentence;
  element("problem").hidden = false;
}

function offerUpdate(use: () => void): void {
  element("use-update").onclick = use;
  element("update").hidden = false;
}
