"""docs/mobile.md: its arithmetic, done here step by step, against DermDistill's own."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from dermdistill.bundle import default_bundle_path, self_test_image
from dermdistill.imaging.resize import resize_square
from dermdistill.inference import load_bundle
from dermdistill.inference.assessment import assess
from dermdistill.inference.finding import finding_of
from dermdistill.inference.probabilities import decide
from synthetic import lesion_image

PAGE = Path(__file__).parents[1] / "docs" / "mobile.md"
float32 = np.float32


def shares(source, size):
    """As the page's `shares`."""
    scale = source / size
    found = []
    for out in range(size):
        begin, end = out * scale, min((out + 1) * scale, float(source))
        pairs = [
            (i, float32((min(end, i + 1.0) - max(begin, float(i))) / scale))
            for i in range(int(begin), math.ceil(end))
        ]
        found.append([(i, share) for i, share in pairs if share > float32(1e-6)])
    return found


def weighted(rows, pairs):
    """The page's `fold`, of all columns at once: float32 sums, from the first on."""
    total = np.zeros_like(rows[0], dtype=float32)
    for i, share in pairs:
        total = total + share * rows[i].astype(float32)
    return total


def square(picture, size):
    """As the page's `square`, for RGB `[height, width, 3]`."""
    columns = picture.swapaxes(0, 1)
    lines = np.stack([weighted(columns, pairs) for pairs in shares(picture.shape[1], size)], axis=1)
    means = np.stack([weighted(lines, pairs) for pairs in shares(picture.shape[0], size)])
    return np.floor(means + float32(0.5)).astype(np.uint8)


def pattern(height, width):
    y, x, c = np.mgrid[:height, :width, :3]
    return ((37 * x + 101 * y + 53 * c) % 256).astype(np.uint8)


@pytest.fixture(scope="module")
def engine():
    return load_bundle(threads=1)


@pytest.mark.parametrize("shape", [(448, 448), (450, 600), (1000, 777), (224, 3000), (225, 224)])
def test_the_pages_square_is_ours_to_one_level(shape):
    height, width = shape
    noise = np.random.default_rng(height).integers(0, 256, (height, width, 3), np.uint8)
    for picture in (noise, lesion_image("mel", 5, height=height, width=width)):
        difference = np.abs(square(picture, 224).astype(int) - resize_square(picture).astype(int))
        assert difference.max() <= 1
        assert (difference > 0).mean() < 0.01


def test_the_network_answers_the_pages_square_as_ours(engine):
    size = engine.spec.input.size
    for seed in range(4):
        picture = lesion_image("bkl", seed, height=450, width=600)
        theirs, ours = (engine.predict_one(made, quality=False) for made in (square(picture, size), picture))
        assert theirs.diagnosis == ours.diagnosis
        assert list(theirs.probs.values()) == pytest.approx(list(ours.probs.values()), abs=0.02)


def golden():
    rows = resize_square(pattern(5, 7), 3).reshape(3, 9)
    return "```text\n" + "\n".join(" ".join(f"{value:3d}" for value in row) for row in rows) + "\n```\n"


def test_the_pages_golden_numbers_are_right():
    shown = PAGE.read_text("utf-8").split("<!-- golden -->\n")[1].split("<!-- /golden -->")[0]
    assert shown == golden()
    np.testing.assert_array_equal(square(pattern(5, 7), 3), resize_square(pattern(5, 7), 3))


def alarm(probabilities, bundle, sensitivity=0.95):
    """As the page's `alarm`."""
    codes = [one["code"] for one in bundle["classes"]]
    dangerous = [one["risk"] != "benign" for one in bundle["classes"]]
    priors = [bundle["class_priors"][code] for code in codes]
    places = range(len(codes))
    by_prior = bundle["decision"] == "argmax_p_over_prior"
    decided = max(places, key=lambda i: probabilities[i] / priors[i] if by_prior else probabilities[i])
    most_probable = max(places, key=lambda i: probabilities[i])
    if dangerous[decided] or dangerous[most_probable]:
        return True
    melanoma = codes.index(bundle["melanoma"]) if bundle.get("melanoma") in codes else -1
    sums = {
        "malignant": sum(probabilities[i] for i in places if dangerous[i]),
        "melanoma": probabilities[melanoma] if melanoma >= 0 else 0.0,
    }
    points = [one for one in bundle["operating_points"] if one["sensitivity"] == sensitivity]
    return any(sums[one["target"]] >= (one["cautious"] or one)["threshold"] for one in points)


def test_the_pages_alarm_is_see_doctor(engine):
    bundle = json.loads((default_bundle_path() / "bundle.json").read_text("utf-8"))
    spec = engine.spec
    rng = np.random.default_rng(2)
    alarms = []
    for _ in range(500):
        probs = rng.dirichlet(np.where(rng.random(len(spec.classes)) < 0.4, 3.0, 0.05))
        by_code = dict(zip(spec.codes, map(float, probs), strict=True))
        decided = spec.codes[decide(probs, spec)]
        finding = finding_of(spec, by_code, decided, unlike_known_lesions=False, quality=[])
        alarms.append(alarm(list(by_code.values()), bundle))
        assert alarms[-1] == (assess(finding, engine.thresholds).level == "see_doctor")
    assert 50 < sum(alarms) < 475


def test_what_the_test_does_is_what_the_page_says():
    """Each constant of the arithmetic stands in both snippets."""
    text = PAGE.read_text("utf-8")
    kotlin, swift = (re.findall(rf"```{name}\n(.*?)```", text, re.DOTALL)[0] for name in ("kotlin", "swift"))
    for said in ("1e-6", "0.5", "min(end,", "max(begin,"):
        assert said in kotlin
        assert said in swift
    assert "0.95" in kotlin
    assert self_test_image(32).dtype == np.uint8
