// @ts-check
import { PlainError, model, predict } from "./api.js";
import { listenForPictures } from "./intake.js";
import { element, percent, showAnswer } from "./result.js";

const description = model();
let current = new AbortController();

description.then(
  ({ name, version, metrics }) => {
    const balanced = metrics?.values["balanced_accuracy"];
    const score = balanced ? `, balanced accuracy ${percent(balanced.value)} on ${metrics.n_images} ${metrics.split} images` : "";
    element("model").textContent = `Student ${name} ${version}${score}.`;
  },
  () => showProblem("The server does not say which student it runs. Load the page again."),
);

listenForPictures(answerPicture);
element("again").addEventListener("click", startAgain);
element("opacity").addEventListener("input", setOpacity);
element("photo").addEventListener("error", () => showPhoto(false));
element("photo").addEventListener("load", () => showPhoto(true));
setOpacity();

/**
 * @param {File} picture
 * @param {number} count
 */
async function answerPicture(picture, count) {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  element("problem").hidden = true;
  say(count > 1 ? `Looking at the first of ${count} pictures…` : "Looking at the picture…");
  document.body.setAttribute("aria-busy", "true");
  try {
    const [answer, { classes }] = await Promise.all([predict(picture, signal), description]);
    if (signal.aborted) return;
    showAnswer(answer, classes);
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

/** @param {File} picture */
function putPhoto(picture) {
  const photo = /** @type {HTMLImageElement} */ (element("photo"));
  URL.revokeObjectURL(photo.src);
  photo.src = URL.createObjectURL(picture);
}

/** @param {boolean} works */
function showPhoto(works) {
  const photo = /** @type {HTMLImageElement} */ (element("photo"));
  if (works) element("frame").style.setProperty("--ratio", String(photo.naturalWidth / photo.naturalHeight));
  element("frame").hidden = !works;
  element("no-view").hidden = works;
}

function startAgain() {
  element("answer").hidden = true;
  element("intake").hidden = false;
  element("choose").focus();
}

function setOpacity() {
  const { value } = /** @type {HTMLInputElement} */ (element("opacity"));
  element("heat").style.opacity = String(Number(value) / 100);
  element("opacity-value").textContent = `${value} %`;
}

/** @param {string} sentence */
function say(sentence) {
  element("status").textContent = sentence;
}

/** @param {string} sentence */
function showProblem(sentence) {
  element("problem").textContent = sentence;
  element("problem").hidden = false;
}
