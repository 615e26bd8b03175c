import numpy as np
import pytest

from dermdistill.errors import DataError
from dermdistill.metrics.thresholds import (
    fit_threshold,
    is_positive,
    operating_points,
    positives,
    predictive_values,
    scores,
)
from ham10000 import CLASSES, TABLE

AKIEC, BCC, MEL, NV = 0, 1, 4, 5


def test_the_targets():
    probs = np.array([[0.1, 0.2, 0.0, 0.0, 0.4, 0.3, 0.0]])
    melanoma, malignant = positives(TABLE, CLASSES).values()
    assert scores(probs, melanoma) == pytest.approx([0.4])
    assert scores(probs, malignant) == pytest.approx([0.7])
    labels = np.array([AKIEC, BCC, MEL, NV])
    assert is_positive(labels, melanoma).tolist() == [False, False, True, False]
    assert is_positive(labels, malignant).tolist() == [True, True, True, False]


def test_what_a_table_cannot_refer_is_no_target():
    assert positives(TABLE.keep(["bcc", "nv"]), ("nv", "bcc")) == {"malignant": [1]}
    assert positives(TABLE.keep(["df", "nv"]), ("df", "nv")) == {}
    assert positives(TABLE.keep(["bcc", "mel"]), ("bcc", "mel")) == {"melanoma": [1]}


@pytest.mark.parametrize(("asked", "threshold"), [(0.9, 0.2), (0.95, 0.1), (0.5, 0.6), (1.0, 0.1)])
def test_the_threshold_is_the_highest_that_reaches_the_sensitivity(asked, threshold):
    score = np.arange(1, 11) / 10  # ten positives at .1 ... 1
    positive = np.ones(10, bool)
    assert fit_threshold(positive, score, asked) == pytest.approx(threshold)
    assert (score >= threshold).mean() >= asked


def test_no_positive_no_threshold():
    with pytest.raises(DataError, match="no validation image is positive"):
        fit_threshold(np.zeros(3, bool), np.ones(3), 0.9)


def test_predictive_values_by_hand():
    # Of 1000 lesions 20 are melanomas: 19 found, 1 missed; of 980 others 196 referred, 784 cleared.
    ppv, npv = predictive_values(0.95, 0.80, 0.02)
    assert ppv == pytest.approx(19 / (19 + 196))
    assert npv == pytest.approx(784 / 785)
    assert np.isnan(predictive_values(0.0, 1.0, 0.02)[0])


def test_points_are_fitted_on_one_split_and_measured_on_the_other(make_predictions):
    fit = make_predictions(2000, seed=1, splits=("val",))
    measure = make_predictions(2000, seed=2)
    points = operating_points(fit, measure, TABLE, resamples=100)
    assert [(p.target, p.asked_sensitivity) for p in points] == [
        (target, asked) for target in ("melanoma", "malignant") for asked in (0.90, 0.95, 0.98)
    ]
    for point in points:
        positive = measure["diagnosis"].isin(
            ["mel"] if point.target == "melanoma" else ["mel", "bcc", "akiec"]
        )
        columns = ["p_mel"] if point.target == "melanoma" else ["p_mel", "p_bcc", "p_akiec"]
        for threshold, measured in (
            (point.threshold, point.measured),
            (point.cautious.threshold, point.cautious_measured),
        ):
            referred = measure[columns].sum(axis=1) >= threshold
            assert measured.sensitivity.value == pytest.approx(referred[positive].mean())
            assert measured.specificity.value == pytest.approx((~referred)[~positive].mean())
            assert measured.sensitivity.low <= measured.sensitivity.value <= measured.sensitivity.high
        assert point.measured.sensitivity.value == pytest.approx(point.asked_sensitivity, abs=0.05)
        assert point.cautious.threshold <= point.threshold
        assert point.cautious_measured.sensitivity.value > point.asked_sensitivity - 0.02
    assert points[0].threshold > points[1].threshold > points[2].threshold
    assert points[0].measured.specificity.value > points[2].measured.specificity.value
