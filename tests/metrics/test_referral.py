"""Referral figures by hand, and against repeated rows."""

import numpy as np
import pytest
from sklearn.metrics import recall_score

from dermdistill.metrics.referral import threshold_metrics, told_metrics

TOLD = np.array(
    ["see_doctor", "see_doctor", "no_sign", "unclear", "see_doctor", "no_sign", "cannot_judge", "no_sign"]
)
MALIGNANT = np.array([True, False, True, True, False, True, True, False])
MELANOMA = np.array([True, False, True, False, False, False, False, False])


def test_by_hand():
    found = {name: value[0] for name, value in told_metrics(TOLD, MALIGNANT, MELANOMA).items()}
    # Of five malignant lesions two are told "no sign", of two melanomas one; of three referred one is ill.
    assert found == pytest.approx(
        {"false_reassurance": 2 / 5, "melanoma_false_reassurance": 1 / 2, "number_needed_to_biopsy": 3}
    )


def test_a_weight_means_that_many_copies():
    weights = np.array([[2.0, 1, 0, 1, 3, 1, 0, 2]])
    rows = np.repeat(np.arange(8), weights[0].astype(int))
    weighted = told_metrics(TOLD, MALIGNANT, MELANOMA, weights)
    copies = told_metrics(TOLD[rows], MALIGNANT[rows], MELANOMA[rows])
    assert {k: v[0] for k, v in weighted.items()} == pytest.approx({k: v[0] for k, v in copies.items()})


def test_what_nobody_is_referred_for_needs_no_biopsy():
    found = told_metrics(np.array(["see_doctor", "no_sign"]), np.array([False, True]), np.zeros(2, bool))
    assert np.isnan(found["number_needed_to_biopsy"][0])
    assert found["false_reassurance"][0] == 1
    assert np.isnan(found["melanoma_false_reassurance"][0])


def test_thresholds_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    positive, score, weight = rng.random(200) < 0.3, rng.random(200).round(2), rng.integers(0, 4, 200)
    found = threshold_metrics(positive, score, 0.4, weight[None].astype(float))
    referred = score >= 0.4
    assert found["sensitivity"][0] == pytest.approx(recall_score(positive, referred, sample_weight=weight))
    assert found["specificity"][0] == pytest.approx(recall_score(~positive, ~referred, sample_weight=weight))


def test_a_score_that_is_no_number_refers():
    found = threshold_metrics(np.array([True, False]), np.array([np.nan, 0.1]), 0.5)
    assert found["sensitivity"][0] == found["specificity"][0] == 1
