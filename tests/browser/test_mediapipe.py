"""@mediapipe/tasks-vision in the browser, on the file that `export --variant mediapipe` makes."""

import base64
from pathlib import Path

import cv2
import pytest

from dermdistill.bundle import default_bundle_path
from dermdistill.export.formats.mediapipe import FILE, add_mediapipe
from dermdistill.inference import load_bundle
from ham10000 import CLASSES
from one_temperature import of_all_pictures

PACKAGE = Path(__file__).parents[2] / "client" / "node_modules" / "@mediapipe" / "tasks-vision"
# An address that is nowhere: every request is answered from files.
PLACE = "http://127.0.0.1:9"
KINDS = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm"}
START = f"""async () => {{
  const vision = await import('{PLACE}/package/vision_bundle.mjs');
  const files = await vision.FilesetResolver.forVisionTasks('{PLACE}/package/wasm');
  const baseOptions = {{ modelAssetPath: '{PLACE}/model.tflite', delegate: 'CPU' }};
  globalThis.classifier = await vision.ImageClassifier.createFromOptions(files, {{ baseOptions }});
}}"""
CLASSIFY = """async (text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const { categories } = classifier.classify(picture).classifications[0];
  return Object.fromEntries(categories.map(({ categoryName, score }) => [categoryName, score]));
}"""


@pytest.fixture(scope="module")
def bundle_dir(tmp_path_factory):
    return add_mediapipe(default_bundle_path(), tmp_path_factory.mktemp("mediapipe") / "bundle")


@pytest.fixture(scope="module")
def classify(browser, bundle_dir):
    """From a PNG's bytes to MediaPipe's scores by class code."""
    page = browser.new_page()

    def answer(route):
        if not route.request.url.startswith(f"{PLACE}/"):
            route.abort()  # it reports its use to its maker, see docs/integrations.md
            return
        name = route.request.url.removeprefix(f"{PLACE}/")
        path = bundle_dir / FILE if name == "model.tflite" else PACKAGE / name.removeprefix("package/")
        if name:
            route.fulfill(body=path.read_bytes(), content_type=KINDS.get(path.suffix, "text/plain"))
        else:
            route.fulfill(body="<!doctype html><title>MediaPipe</title>", content_type="text/html")

    page.route("**/*", answer)
    page.goto(f"{PLACE}/")
    page.evaluate(START)
    yield lambda png: page.evaluate(CLASSIFY, base64.b64encode(png).decode())
    page.close()


def test_the_browsers_mediapipe_gives_the_engines_class_of_100_pictures(bundle_dir, classify, make_lesion):
    engine = load_bundle(bundle_dir)
    size = engine.spec.input.size
    ours, theirs, differences = [], [], []
    for seed in range(100):
        image = make_lesion(CLASSES[seed % len(CLASSES)], seed, height=size, width=size)
        probs = of_all_pictures(engine, image)
        png = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()
        scores = classify(png)
        assert scores.keys() == probs.keys()
        differences.append(max(abs(scores[code] - p) for code, p in probs.items()))
        ours.append(max(probs, key=lambda code: probs[code]))
        theirs.append(max(scores, key=lambda code: scores[code]))
    print(f"largest difference of a probability: {max(differences):.2g}")
    assert theirs == ours
    assert max(differences) <= 1e-5
