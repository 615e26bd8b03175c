"""Point figures against hand-made numbers and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from dermdistill.metrics.predictions import labels_of, probs_of
from dermdistill.metrics.scores import (
    binned_error,
    confusion,
    decision_metrics,
    probability_metrics,
    specificity_at_sensitivity,
)
from ham10000 import CLASSES

AKIEC, BCC, MEL, NV = 0, 1, 4, 5


def test_a_confusion_made_by_hand():
    # Four melanomas, three found, one taken for nv; five nv, one taken for mel; one bcc, found.
    labels = np.array([MEL, MEL, MEL, MEL, NV, NV, NV, NV, NV, BCC])
    decided = np.array([MEL, MEL, MEL, NV, NV, NV, NV, NV, MEL, BCC])
    values = decision_metrics(labels, decided, CLASSES)
    assert values["accuracy"] == pytest.approx(0.8)
    assert values["sensitivity_mel"] == pytest.approx(3 / 4)
    assert values["specificity_mel"] == pytest.approx(5 / 6)
    assert values["precision_mel"] == pytest.approx(3 / 4)
    assert values["sensitivity_nv"] == pytest.approx(4 / 5)
    assert values["specificity_nv"] == pytest.approx(4 / 5)
    assert values["balanced_accuracy"] == pytest.approx((3 / 4 + 4 / 5 + 1) / 3)
    # F1: mel 2*3/(4+4), nv 2*4/(5+5), bcc 1; classes the sample does not hold do not count.
    assert values["macro_f1"] == pytest.approx((3 / 4 + 4 / 5 + 1) / 3)
    assert np.isnan(values["sensitivity_df"])
    assert np.isnan(values["precision_df"])
    assert values["specificity_df"] == 1
    (matrix,) = confusion(labels, decided, len(CLASSES))
    assert matrix.shape == (7, 7)
    assert matrix[MEL, NV] == 1
    assert matrix[NV, MEL] == 1


def test_always_nv_scores_its_share_and_one_seventh():
    labels = np.repeat(np.arange(7), [327, 514, 1099, 115, 1113, 6705, 142])
    values = decision_metrics(labels, np.full(len(labels), NV), CLASSES)
    assert values["accuracy"] == pytest.approx(0.6695, abs=1e-4)
    assert values["balanced_accuracy"] == pytest.approx(1 / 7)


def test_agreement_with_scikit_learn(make_predictions):
    frame = make_predictions(600, seed=3)
    labels, probs = labels_of(frame), probs_of(frame)
    decided = probs.argmax(axis=1)
    values = decision_metrics(labels, decided, CLASSES) | probability_metrics(labels, probs, CLASSES)
    assert values["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(labels, decided))
    assert values["macro_f1"] == pytest.approx(sk.f1_score(labels, decided, average="macro"))
    assert values["macro_auc"] == pytest.approx(sk.roc_auc_score(labels, probs, multi_class="ovr"))
    assert values["brier"] == pytest.approx(sk.brier_score_loss(labels, probs, labels=range(7)))
    assert values["nll"] == pytest.approx(sk.log_loss(labels, probs))


def test_calibration_error_by_hand():
    # Bins of width 1/15. 0.62 and 0.66 share the bin (0.6, 0.667]; 0.95 is in the last one.
    confidence = np.array([0.62, 0.66, 0.95, 0.95])
    right = np.array([True, False, True, True])
    # Bin one: mean confidence .64, accuracy .5, share 1/2. Last: .95 against 1, share 1/2.
    assert binned_error(confidence, right) == pytest.approx(0.5 * 0.14 + 0.5 * 0.05)


def test_the_edges_of_confidence_have_a_bin():
    assert binned_error(np.array([0.0, 1.0]), np.array([False, True])) == 0


def test_classwise_calibration_error_by_hand():
    labels = np.array([MEL, NV])
    probs = np.zeros((2, 7))
    probs[:, MEL], probs[:, NV] = 0.5, 0.5
    # mel: both at .5, frequency .5, no error; nv the same; the others: 0 and never.
    assert probability_metrics(labels, probs, CLASSES)["classwise_ece"] == pytest.approx(0)
    probs[:, MEL], probs[:, NV] = 0.9, 0.1
    assert probability_metrics(labels, probs, CLASSES)["classwise_ece"] == pytest.approx((0.4 + 0.4) / 7)


def test_screening_specificity_by_hand():
    # Twenty melanomas, one hard; 95 % of them score at least .5, where 3 of 4 others score less.
    positive = np.array([True] * 20 + [False] * 4)
    score = np.array([0.5] * 19 + [0.1] + [0.6, 0.4, 0.3, 0.05])
    assert specificity_at_sensitivity(positive, score, 0.95) == pytest.approx(3 / 4)
    assert specificity_at_sensitivity(positive, score, 1.0) == pytest.approx(1 / 4)


def test_a_certain_and_wrong_answer_has_a_finite_loss():
    probs = np.zeros((1, 7))
    probs[0, NV] = 1
    assert probability_metrics(np.array([MEL]), probs, CLASSES)["nll"] == pytest.approx(52 * np.log(2))


@settings(max_examples=8)
@given(st.permutations(list(range(40))))
def test_the_order_of_rows_does_not_matter(order):
    rng = np.random.default_rng(7)
    labels, probs = rng.integers(0, 7, 40), rng.dirichlet(np.ones(7), 40)
    first = probability_metrics(labels, probs, CLASSES) | decision_metrics(
        labels, probs.argmax(axis=1), CLASSES
    )
    shuffled = probability_metrics(labels[order], probs[order], CLASSES)
    shuffled |= decision_metrics(labels[order], probs[order].argmax(axis=1), CLASSES)
    for name, value in first.items():
        assert shuffled[name] == pytest.approx(value, nan_ok=True), name
