"""Curves against scikit-learn, and their bands against a plain loop."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from dermdistill.metrics.bootstrap import lesion_weights
from dermdistill.metrics.curves import PLACES, curves


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(3)
    positive = rng.random(300) < 0.3
    score = np.round(np.clip(0.25 * positive + rng.random(300) * 0.75, 0, 1), 2)  # with ties
    weights = lesion_weights(pd.Series(np.arange(300) // 2), resamples=200, seed=1)
    return positive, score, weights


def test_areas_are_those_of_scikit_learn(drawn):
    positive, score, weights = drawn
    roc, recall = curves(positive, score, weights)
    assert roc.area.value == pytest.approx(roc_auc_score(positive, score))
    assert recall.area.value == pytest.approx(average_precision_score(positive, score))
    by_loop = [roc_auc_score(positive, score, sample_weight=row) for row in weights]
    assert (roc.area.low, roc.area.high) == pytest.approx(tuple(np.percentile(by_loop, [2.5, 97.5])))


def test_a_band_holds_its_curve_and_is_that_of_a_plain_loop(drawn):
    positive, score, weights = drawn
    roc, recall = curves(positive, score, weights)
    for curve in (roc, recall):
        assert (curve.low <= curve.value).all()
        assert (curve.value <= curve.high).all()
    place = int(np.flatnonzero(np.isclose(PLACES, 0.8))[0])
    precisions = []
    for row in weights:
        thresholds = sorted(set(score[positive & (row > 0)]), reverse=True)
        total = row[positive].sum()
        reached = next(it for it in thresholds if row[positive & (score >= it)].sum() >= 0.8 * total - 1e-9)
        called = row * (score >= reached)
        precisions.append(called[positive].sum() / called.sum())
    low, high = np.percentile(precisions, [2.5, 97.5])
    assert (recall.low[place], recall.high[place]) == pytest.approx((low, high))


def test_without_a_positive_image_there_is_no_curve(drawn):
    _, score, weights = drawn
    roc, recall = curves(np.zeros(300, bool), score, weights)
    assert np.isnan(roc.value).all()
    assert np.isnan(recall.area.value)
