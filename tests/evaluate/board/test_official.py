"""The organisers' own scorer: its figures beside scikit-learn's, its rule that a tie is wrong."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, balanced_accuracy_score, roc_auc_score

from dermdistill.evaluate.board.official import official_score
from dermdistill.metrics.predictions import labels_of, probs_of
from ham10000 import CLASSES

pytest.importorskip("isic_challenge_scoring")


def test_its_figures_are_those_of_scikit_learn(make_predictions):
    frame = make_predictions(500, seed=6)
    labels, probs = labels_of(frame), probs_of(frame)
    got = official_score(frame)
    assert got["images"] == 500
    assert got["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(labels, probs.argmax(axis=1)))
    aucs = [roc_auc_score(labels == k, probs[:, k]) for k in range(7)]
    assert got["macro_auc"] == pytest.approx(np.mean(aucs))
    precisions = [average_precision_score(labels == k, probs[:, k]) for k in range(7)]
    assert got["macro_average_precision"] == pytest.approx(np.mean(precisions))
    assert 0 < got["macro_auc_above_80_sensitivity"] < got["macro_auc"]


def test_a_tie_is_wrong(make_predictions):
    frame = make_predictions(70).assign(diagnosis=[CLASSES[i % 7] for i in range(70)])
    frame[[f"p_{code}" for code in CLASSES]] = 1 / 7
    assert official_score(frame)["balanced_accuracy"] == 0


def test_classes_without_an_image_do_not_count(make_predictions):
    frame = make_predictions(300, seed=1)
    frame = frame[frame["diagnosis"].isin(["mel", "nv"])].reset_index(drop=True)
    got = official_score(frame)
    probs = probs_of(frame)
    right = probs.argmax(axis=1) == labels_of(frame)
    shares = [right[(frame["diagnosis"] == code).to_numpy()].mean() for code in ("mel", "nv")]
    assert got["balanced_accuracy"] == pytest.approx(np.mean(shares))
    aucs = [roc_auc_score(frame["diagnosis"] == code, frame[f"p_{code}"]) for code in ("mel", "nv")]
    assert got["macro_auc"] == pytest.approx(np.mean(aucs))
