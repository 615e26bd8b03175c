"""At which thresholds an assessment is decided, and what was measured there."""

import pytest

from dermdistill.bundle import default_bundle_path, load_bundle_spec
from dermdistill.errors import SensitivityError
from dermdistill.inference import load_bundle
from dermdistill.inference.assessment import Thresholds
from dermdistill.inference.operating_point import missed_melanomas_at, sensitivities, thresholds_at


@pytest.fixture(scope="module")
def spec():
    return load_bundle_spec(default_bundle_path())


def point(spec, target, sensitivity):
    [found] = [p for p in spec.operating_points if (p.target, p.sensitivity) == (target, sensitivity)]
    return found


def test_the_usual_point_is_the_cautious_one_of_95_percent(spec):
    limits = [point(spec, target, 0.95).cautious.threshold for target in ("malignant", "melanoma")]
    assert thresholds_at(spec) == Thresholds(0.95, *limits)


def test_a_point_without_a_cautious_threshold_has_its_own(spec):
    bare = [p.model_copy(update={"cautious": None}) for p in spec.operating_points]
    changed = spec.model_copy(update={"operating_points": bare})
    assert thresholds_at(changed, 0.9).melanoma == point(spec, "melanoma", 0.9).threshold


def test_without_95_percent_the_most_sensitive_point_is_usual(spec):
    others = [p for p in spec.operating_points if p.sensitivity != 0.95]
    assert thresholds_at(spec.model_copy(update={"operating_points": others})).sensitivity == 0.98


def test_a_bundle_without_points_has_no_thresholds(spec):
    bare = spec.model_copy(update={"operating_points": []})
    assert sensitivities(bare) == []
    assert thresholds_at(bare) is None
    assert missed_melanomas_at(bare, None) is None
    with pytest.raises(SensitivityError, match="it has no operating points"):
        thresholds_at(bare, 0.95)


def test_another_sensitivity_than_the_bundle_s_is_refused_before_a_picture_is_answered(make_lesion):
    with pytest.raises(SensitivityError, match=r"give one of 0\.9, 0\.95, 0\.98"):
        load_bundle(sensitivity=0.5)
    engine = load_bundle(threads=1)
    with pytest.raises(SensitivityError):
        engine.predict(make_lesion("nv", 1), sensitivity=0.99)


def test_the_engine_decides_at_its_point_or_at_the_one_asked_for(make_lesion):
    engine = load_bundle(threads=1, sensitivity=0.9)
    picture = make_lesion("nv", 1)
    [usual] = engine.predict(picture)
    [careful] = engine.predict(picture, sensitivity=0.98)
    assert (usual.assessment.sensitivity, careful.assessment.sensitivity) == (0.9, 0.98)
    assert usual.missed_melanomas.per_100 > careful.missed_melanomas.per_100
    [several, _] = engine.predict([picture, picture], sensitivity=0.98)
    assert several.assessment == careful.assessment


def test_the_shipped_bundle_says_in_how_many_melanomas_no_sign_is_wrong(spec):
    for sensitivity in sensitivities(spec):
        measured = missed_melanomas_at(spec, sensitivity)
        assert measured.split == "test"
        assert measured.n_lesions == 194
        assert measured.low <= measured.per_100 <= measured.high < 25
