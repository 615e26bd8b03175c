"""The kind of picture, and which numbers hold for it; nothing about it takes an alarm back."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

from dermdistill.bundle import BundleSpec, load_bundle_spec, write_bundle
from dermdistill.inference import Outputs, load_bundle
from dermdistill.inference.pictures.kind import logistic, seen_picture, sure_kind

WEIGHTS = np.array([1, -1, 0, 0, 0, 0, 0, 0], "<f4")


def point(target: str, threshold: float) -> dict:
    return {"target": target, "sensitivity": 0.95, "threshold": threshold, "split": "test"}


def spec_of(tiny_dir, **clinical) -> BundleSpec:
    """The tiny bundle with a detector that looks at the last feature, and two kinds of pictures."""
    spec = load_bundle_spec(tiny_dir)
    pictures = {
        "weights": {"file": "picture_weights.f32", "shape": [8]},
        "bias": 0.5,
        "split": "test",
        "kinds": {"dermoscopic": {}, "clinical": clinical},
    }
    detector = {
        "distance": "residual_per_length",
        "mean": {"file": "mean.f32", "shape": [8]},
        "basis": {"file": "basis.f32", "shape": [8, 7]},
        "distance_threshold": 0.5,
        "split": "val",
    }
    points = [point("malignant", 0.3), point("melanoma", 0.3)]
    return BundleSpec.model_validate(
        spec.model_dump()
        | {
            "pictures": pictures,
            "out_of_distribution": detector,
            "operating_points": points,
            "self_test_answer": None,
            "conformal": None,
        }
    )


@pytest.fixture
def engine(tiny_dir, tmp_path):
    """The clinical pictures have a temperature, priors, thresholds and a distance of their own."""
    codes = load_bundle_spec(tiny_dir).codes
    spec = spec_of(
        tiny_dir,
        temperature=4.0,
        class_priors=dict.fromkeys(codes, 1 / len(codes)),
        operating_points=[point("malignant", 0.001), point("melanoma", 0.9)],
        distance_threshold=2.0,
    )
    files = {
        "picture_weights.f32": WEIGHTS.tobytes(),
        "mean.f32": np.zeros(8, "<f4").tobytes(),
        "basis.f32": np.eye(8, 7, dtype="<f4").tobytes(),
    }
    write_bundle(tmp_path / "kinds", spec, (tiny_dir / "model.tflite").read_bytes(), files)
    return load_bundle(tmp_path / "kinds", threads=1)


def outputs(first: float, last: float = 0.0) -> Outputs:
    embedding = np.zeros(8, np.float32)
    embedding[0], embedding[7] = first, last
    logits = np.array([-4, -4, -4, -4, -4, 4, -4], np.float32)  # a naevus
    return Outputs(logits, np.zeros((2, 2, 7), np.float32), embedding)


def test_the_probability_is_logistic_and_never_overflows(engine):
    # 1 / (1 + exp(-(2 + .5))), by hand
    assert engine.judged(outputs(2)).picture.dermoscopic_probability == pytest.approx(0.9241418)
    assert (logistic(-1000), logistic(1000)) == (0, 1)
    assert logistic(-3) == pytest.approx(1 - logistic(3)) == pytest.approx(1 / (1 + math.exp(3)))


def test_a_refused_picture_is_of_neither_kind(engine):
    assert engine.judged(outputs(9)).picture.kind == "dermoscopic"
    assert engine.judged(outputs(-9)).picture.kind == "clinical"
    assert engine.judged(outputs(9, last=3)).picture.kind == "neither"
    assert seen_picture(0.2, refused=True).kind == "neither"


def test_the_detector_has_a_threshold_for_each_kind(engine):
    far = engine.judged(outputs(-9, last=3))
    # What the basis leaves is 9, the length is the root of 90.
    assert not far.refused, "0.95 is below 2, the clinical pictures' own"
    assert far.out_of_distribution.score == pytest.approx(9 / 90**0.5 / 2)
    assert engine.judged(outputs(9, last=3)).refused, "0.95 is above the bundle's own 0.5"
    assert engine.judged(outputs(-9, last=11)).refused


def test_the_numbers_of_a_kind_hold_where_it_is_sure_and_the_bundle_s_where_not(engine):
    spec = engine.spec
    clinical, dermoscopic, unsure = (engine.judged(outputs(first)).spec for first in (-9, 9, 0))
    assert clinical.temperature == 4
    assert set(clinical.class_priors.values()) == {1 / 7}
    assert clinical.operating_points[0].threshold == 0.001
    for of_all in (dermoscopic, unsure):
        assert of_all.temperature == spec.temperature
        assert of_all.operating_points == spec.operating_points
    assert (sure_kind(0.9, 0.9), sure_kind(0.1, 0.9), sure_kind(0.5, 0.9)) == (
        "dermoscopic",
        "clinical",
        None,
    )


def test_an_alarm_of_the_kind_s_threshold_stands_though_the_picture_is_refused(engine):
    told = engine.assessed(outputs(-9, last=11), ())
    assert told.level == "see_doctor"
    assert told.reasons[0] == "malignant_above_threshold"
    assert "unlike_known_lesions" in told.reasons
    assert engine.assessed(outputs(9), ()).level == "no_sign", "by the bundle's own threshold there is none"


def test_without_kinds_nothing_is_said(tiny_dir):
    engine = load_bundle(tiny_dir, threads=1)
    [answer] = engine.predict(np.zeros((64, 64, 3), np.uint8))
    assert answer.picture is None


def test_a_bundle_whose_kinds_do_not_fit_is_refused(tiny_dir):
    wrong = [{"sensitivity": 0.9}, {"sensitivity": 0.95}]
    points = [point("malignant", 0.1) | change for change in wrong]
    with pytest.raises(ValidationError, match="must have the bundle's operating points"):
        spec_of(tiny_dir, operating_points=points)
    with pytest.raises(ValidationError, match="one value for each class"):
        spec_of(tiny_dir, class_priors={"nv": 1.0})
