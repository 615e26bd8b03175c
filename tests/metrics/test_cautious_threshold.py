import numpy as np
import pandas as pd
import pytest

from dermdistill.errors import DataError
from dermdistill.metrics.thresholds import cautious_threshold, fit_threshold


def _lesions(count):
    return pd.Series(np.arange(count))


@pytest.mark.parametrize(
    ("lesions", "asked", "rank", "confidence"),
    # By hand: 1 - .9^22 = .9015, one lesion fewer is not enough; with 38 lesions the second lowest will do.
    [(22, 0.9, 1, 1 - 0.9**22), (38, 0.9, 2, 1 - 0.9**38 - 38 * 0.1 * 0.9**37), (10, 0.95, 1, 1 - 0.95**10)],
)
def test_which_lesion_sets_the_threshold_by_hand(lesions, asked, rank, confidence):
    score = np.arange(1, lesions + 1) / 100
    found = cautious_threshold(np.ones(lesions, bool), score, _lesions(lesions), asked)
    assert found.threshold == pytest.approx(rank / 100)
    assert found.confidence == pytest.approx(confidence)
    assert found.n_lesions == lesions


def test_a_lesion_counts_once_by_its_lowest_score_and_negatives_do_not():
    lesions = pd.Series([0, 0, 0, *range(1, 22), 99])
    score = np.array([0.9, 0.2, 0.8, *np.linspace(0.5, 0.7, 21), 0.01])
    positive = np.arange(len(score)) < len(score) - 1
    found = cautious_threshold(positive, score, lesions, 0.9)
    assert (found.threshold, found.n_lesions) == (0.2, 22)


def test_new_lesions_keep_the_sensitivity_as_often_as_promised():
    """Drawn anew 500 times: the plain threshold keeps 90 % in about half of them, this one in nine of ten."""
    rng = np.random.default_rng(0)
    kept, plain, promised = [], [], []
    for _ in range(500):
        score = rng.beta(3, 2, 100)
        found = cautious_threshold(np.ones(100, bool), score, _lesions(100), 0.9)
        new = rng.beta(3, 2, 20_000)
        kept.append((new >= found.threshold).mean() >= 0.9)
        plain.append((new >= fit_threshold(np.ones(100, bool), score, 0.9)).mean() >= 0.9)
        promised.append(found.confidence)
    assert np.mean(kept) == pytest.approx(np.mean(promised), abs=0.03)
    assert np.mean(kept) >= 0.9
    assert np.mean(plain) < 0.65


def test_no_positive_no_threshold():
    with pytest.raises(DataError, match="no validation image is positive"):
        cautious_threshold(np.zeros(3, bool), np.ones(3), _lesions(3), 0.9)
