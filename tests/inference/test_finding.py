"""The thresholds of a bundle, and what the assessment is made from."""

import pytest

from dermdistill.inference import load_bundle
from dermdistill.inference.finding import finding_of, thresholds_of


@pytest.fixture(scope="module")
def engine():
    return load_bundle()


def test_the_cautious_thresholds_of_the_sensitivity_asked_for(engine):
    points = {
        (point.target, point.sensitivity): point.cautious.threshold for point in engine.spec.operating_points
    }
    for sensitivity in (0.9, 0.95, 0.98):
        found = thresholds_of(engine.spec, sensitivity)
        assert found.malignant == points["malignant", sensitivity]
        assert found.melanoma == points["melanoma", sensitivity]
    assert thresholds_of(engine.spec).sensitivity == 0.95
    assert thresholds_of(engine.spec, 0.5) is None


def test_a_bundle_without_cautious_thresholds_has_plain_ones(engine):
    points = [point.model_copy(update={"cautious": None}) for point in engine.spec.operating_points]
    plain = thresholds_of(engine.spec.model_copy(update={"operating_points": points}))
    assert plain.melanoma == next(
        p.threshold for p in points if (p.target, p.sensitivity) == ("melanoma", 0.95)
    )
    assert thresholds_of(engine.spec.model_copy(update={"operating_points": []})) is None


def test_a_finding_says_what_was_found(engine, make_lesion):
    prediction = engine.predict_one(make_lesion("mel", 3))
    finding = finding_of(prediction, engine.spec)
    assert finding.probs == prediction.probs
    assert set(finding.dangerous) == {"akiec", "bcc", "mel"}
    assert finding.melanoma == "mel"
    assert finding.conformal == next(one.codes for one in prediction.conformal if one.coverage == 0.9)
    assert finding.unlike_known_lesions == prediction.out_of_distribution.refused
    assert finding.quality == [warning.code for warning in prediction.quality]
