"""The file for MediaPipe, opened by MediaPipe itself and compared with the engine."""

import os

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from dermdistill.bundle import default_bundle_path, load_bundle_spec, self_test_image
from dermdistill.cli import app
from dermdistill.export.formats.mediapipe import FILE
from dermdistill.imaging.square import square_of
from dermdistill.inference import load_bundle
from ham10000 import CLASSES
from one_temperature import of_all_pictures

os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="module")
def bundle_dir(tmp_path_factory):
    out = tmp_path_factory.mktemp("mediapipe") / "bundle"
    result = CliRunner().invoke(app, ["export", "--variant", "mediapipe", "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def classify(bundle_dir):
    """From an RGB image to MediaPipe's categories, best first."""
    import mediapipe

    vision = mediapipe.tasks.vision
    base = mediapipe.tasks.BaseOptions(model_asset_path=str(bundle_dir / FILE))
    options = vision.ImageClassifierOptions(base_options=base)

    def categories(image):
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image))
        return classifier.classify(picture).classifications[0].categories

    with vision.ImageClassifier.create_from_options(options) as classifier:
        yield categories


def test_mediapipe_gives_the_engines_probabilities_of_100_pictures(bundle_dir, classify, make_lesion):
    engine = load_bundle(bundle_dir)
    codes = engine.spec.codes
    size = engine.spec.input.size
    tops = set()
    for seed in range(100):
        image = make_lesion(CLASSES[seed % len(CLASSES)], seed, height=size, width=size)
        probs = of_all_pictures(engine, image)
        found = classify(image)
        scores = {category.category_name: category.score for category in found}
        assert scores.keys() == probs.keys()
        np.testing.assert_allclose([scores[code] for code in codes], list(probs.values()), atol=1e-5)
        assert found[0].category_name == max(probs, key=lambda code: probs[code])
        tops.add(found[0].category_name)
    assert len(tops) > 1, "pictures of one class show nothing"


def test_mediapipe_gives_the_engines_class_of_100_real_pictures(bundle_dir, classify, ham10000_dir):
    engine = load_bundle(bundle_dir)
    paths = sorted((ham10000_dir / "images").glob("*.jpg"))
    answered = []
    for path in paths[:: len(paths) // 100][:100]:
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        probs = of_all_pictures(engine, square_of(image, engine.spec.input.size).pixels)
        answered.append((classify(image)[0].category_name, max(probs, key=lambda code: probs[code])))
    assert len(answered) == 100
    assert [theirs for theirs, _ in answered] == [ours for _, ours in answered]


def test_names_and_labels_come_from_the_bundle(bundle_dir, classify):
    spec = load_bundle_spec(bundle_dir)
    found = classify(self_test_image(spec.input.size, 1))
    assert {c.category_name: c.display_name for c in found} == {c.code: c.name for c in spec.classes}


def test_the_bundle_lists_the_file_and_is_the_same_otherwise(bundle_dir):
    new, old = load_bundle_spec(bundle_dir), load_bundle_spec(default_bundle_path())
    assert set(new.files) - set(old.files) == {FILE}
    assert new.model_copy(update={"files": {}, "spec_sha256": None}) == old.model_copy(
        update={"files": {}, "spec_sha256": None}
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--variant", "mediapipe"], "give --out"),
        ([], "give --variant mediapipe"),
        (["--variant", "float16"], "float16 cannot be set any more"),
        (["--variant", "mediapipe", "--views", "4"], "views cannot be set any more"),
    ],
)
def test_what_a_finished_bundle_cannot_become_is_one_sentence(words, sentence):
    result = CliRunner().invoke(app, ["export", *words])
    assert sentence in str(result.exception)
    assert result.exit_code == 1


def test_without_the_extra_it_says_what_to_install(monkeypatch, tmp_path):
    from dermdistill.export.formats import mediapipe

    monkeypatch.setattr(mediapipe, "find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["export", "--variant", "mediapipe", "--out", str(tmp_path / "new")])
    assert "pip install 'dermdistill[mediapipe]'" in str(result.exception)
    assert not (tmp_path / "new").exists()
