"""Weighted metrics against scikit-learn's and against repeated rows; intervals against a plain loop."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from dermdistill.metrics import scores
from dermdistill.metrics.bootstrap import (
    decision_estimates,
    estimates,
    lesion_weights,
    over_lesions,
    probability_estimates,
)
from dermdistill.metrics.predictions import labels_of, probs_of
from ham10000 import CLASSES
from made_predictions import make_predictions as made


@pytest.fixture
def scored(make_predictions):
    frame = make_predictions(240, seed=5, images_per_lesion=2)
    coarse = probs_of(frame).round(2) + 0.01  # many ties
    return frame, labels_of(frame), coarse / coarse.sum(axis=1, keepdims=True)


def test_a_weight_means_that_many_copies_of_the_row(scored):
    frame, labels, probs = scored
    weights = lesion_weights(frame["lesion_id"], resamples=5, seed=1)
    decided = probs.argmax(axis=1)
    weighted = scores.decision_metrics(labels, decided, CLASSES, weights)
    weighted |= scores.probability_metrics(labels, probs, CLASSES, weights)
    for number, weight in enumerate(weights):
        rows = np.repeat(np.arange(len(labels)), weight.astype(int))
        copies = scores.decision_metrics(labels[rows], decided[rows], CLASSES)
        copies |= scores.probability_metrics(labels[rows], probs[rows], CLASSES)
        for name, value in weighted.items():
            assert value[number] == pytest.approx(copies[name][0], nan_ok=True), name


def test_agreement_with_weights_of_scikit_learn(scored):
    _, labels, probs = scored
    weight = np.random.default_rng(2).uniform(0, 3, len(labels))
    decided = probs.argmax(axis=1)
    got = scores.decision_metrics(labels, decided, CLASSES, weight[None])
    got |= scores.probability_metrics(labels, probs, CLASSES, weight[None], melanoma="mel")
    expected = {
        "accuracy": sk.accuracy_score(labels, decided, sample_weight=weight),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, decided, sample_weight=weight),
        "melanoma_auc": sk.roc_auc_score(labels == 4, probs[:, 4], sample_weight=weight),
        "nll": sk.log_loss(
            labels, np.maximum(probs, np.finfo(float).eps), labels=range(7), sample_weight=weight
        ),
    }
    assert {name: got[name][0] for name in expected} == pytest.approx(expected)


def test_an_interval_equals_a_plain_loop_over_lesions(make_predictions):
    frame = make_predictions(60, seed=9, images_per_lesion=3)
    got = decision_estimates(frame, "argmax_p", None, resamples=200, seed=11)["accuracy"]
    right = probs_of(frame).argmax(axis=1) == labels_of(frame)
    by_lesion = {lesion: right[frame["lesion_id"] == lesion] for lesion in dict.fromkeys(frame["lesion_id"])}
    count = len(by_lesion)
    accuracies = []
    for draw in np.random.default_rng(11).multinomial(count, [1 / count] * count, size=200):
        drawn = [np.tile(images, times) for images, times in zip(by_lesion.values(), draw, strict=True)]
        accuracies.append(np.concatenate(drawn).mean())
    assert got.value == pytest.approx(right.mean())
    assert (got.low, got.high) == pytest.approx(tuple(np.percentile(accuracies, [2.5, 97.5])))


def test_an_interval_is_about_as_wide_as_theory_says(make_predictions):
    frame = make_predictions(800, seed=1)
    got = decision_estimates(frame, "argmax_p", None, resamples=1000)["accuracy"]
    half = 1.96 * np.sqrt(got.value * (1 - got.value) / 800)
    assert (got.high - got.low) / 2 == pytest.approx(half, rel=0.15)


def test_copies_of_an_image_are_no_further_evidence(make_predictions):
    """Four copies of each image: by lesion the interval stays; by image it would halve."""
    once = make_predictions(150, seed=4)
    copies = once.loc[np.repeat(once.index, 4)].reset_index(drop=True)
    copies["image_id"] = [f"IMG_{i}" for i in range(600)]
    by_lesion = probability_estimates(copies, melanoma="mel", resamples=400)["macro_auc"]
    by_image = probability_estimates(
        copies.assign(lesion_id=copies["image_id"]), melanoma="mel", resamples=400
    )["macro_auc"]
    single = probability_estimates(once, melanoma="mel", resamples=400)["macro_auc"]
    assert (by_lesion.low, by_lesion.high) == pytest.approx((single.low, single.high))
    assert by_image.high - by_image.low < 0.65 * (by_lesion.high - by_lesion.low)


def test_resamples_without_a_class_are_left_out_and_counted(make_predictions):
    frame = make_predictions(40, seed=2)
    frame["diagnosis"] = ["df"] + ["nv"] * 39
    got = decision_estimates(frame, "argmax_p", None, resamples=500)
    # A resample misses the one df lesion with probability (1 - 1/40)^40 = .363.
    assert got["sensitivity_df"].undefined == pytest.approx(0.363 * 500, abs=40)
    assert got["sensitivity_df"].low == got["sensitivity_df"].value
    assert np.isnan(got["sensitivity_mel"].value)
    assert np.isnan(got["sensitivity_mel"].low)
    assert got["sensitivity_mel"].undefined == 500
    assert str(got["sensitivity_mel"]) == "not defined"


def test_the_seed_decides(make_predictions):
    frame = make_predictions(100)
    first, again, other = (
        probability_estimates(frame, melanoma="mel", resamples=50, seed=s) for s in (1, 1, 2)
    )
    assert first == again
    assert first["nll"] != other["nll"]


def test_chunks_do_not_change_anything(scored):
    frame, labels, probs = scored
    weights = lesion_weights(frame["lesion_id"], resamples=600, seed=3)
    point, chunked = over_lesions(
        lambda part: scores.probability_metrics(labels, probs, CLASSES, part), weights
    )
    whole = scores.probability_metrics(labels, probs, CLASSES, weights)
    for name, values in whole.items():
        np.testing.assert_allclose(chunked[name], values)
        assert point[name] == pytest.approx(scores.probability_metrics(labels, probs, CLASSES)[name][0])


@settings(max_examples=40)
@given(st.integers(2, 60), st.integers(0, 10_000), st.integers(1, 3), st.floats(0, 6))
def test_every_interval_holds_its_figure(images, seed, images_per_lesion, skill):
    frame = made(images, seed=seed, skill=skill, images_per_lesion=images_per_lesion)
    found = probability_estimates(frame, melanoma="mel", resamples=40, seed=seed)
    found |= decision_estimates(frame, "argmax_p", None, resamples=40, seed=seed)
    for name, estimate in found.items():
        if not np.isnan(estimate.low):
            assert estimate.low <= estimate.value <= estimate.high, name
            assert estimate.low >= 0, name


def test_a_calibration_error_loses_the_bias_of_resampling():
    """By hand: the resamples lie .2 too high on average; without that they spread around the figure."""
    spread = {"ece": np.linspace(0.2, 0.4, 101), "accuracy": np.linspace(0.2, 0.4, 101)}
    found = estimates({"ece": 0.1, "accuracy": 0.3}, spread)
    assert (found["ece"].low, found["ece"].high) == pytest.approx((0.005, 0.195))
    assert (found["accuracy"].low, found["accuracy"].high) == pytest.approx((0.205, 0.395))


def test_an_error_is_never_below_nothing_but_a_difference_of_two_may_be():
    spread = {"ece": np.linspace(0.0, 0.4, 101)}
    assert estimates({"ece": 0.05}, spread)["ece"].low == 0
    assert estimates({"ece": 0.05}, spread, differences=True)["ece"].low == pytest.approx(-0.14)


def test_the_interval_of_a_calibrated_model_reaches_down_to_small_errors(make_predictions):
    """A percentile interval would begin above the figure: noise makes each resample's error larger."""
    frame = make_predictions(400, seed=3)
    rng = np.random.default_rng(0)
    labels = [rng.choice(7, p=row) for row in probs_of(frame)]
    frame["diagnosis"] = [CLASSES[label] for label in labels]
    got = probability_estimates(frame, melanoma="mel", resamples=300)["classwise_ece"]
    labels, probs = labels_of(frame), probs_of(frame)
    weights = lesion_weights(frame["lesion_id"], resamples=300, seed=20180801)
    raw = scores.probability_metrics(labels, probs, CLASSES, weights)["classwise_ece"]
    assert np.percentile(raw, 2.5) > got.value
    assert got.low < got.value < got.high < np.percentile(raw, 97.5)


def test_patients_are_resampled_where_they_are_known(make_predictions):
    frame = make_predictions(150, seed=4)
    frame["group_id"] = [f"P{i // 10}" for i in range(150)]
    by_patient = decision_estimates(frame, "argmax_p", None, resamples=200)
    renamed = frame.drop(columns="group_id").assign(lesion_id=frame["group_id"])
    again = decision_estimates(renamed, "argmax_p", None, resamples=200)
    assert by_patient["accuracy"] == again["accuracy"]
    by_lesion = decision_estimates(frame.drop(columns="group_id"), "argmax_p", None, resamples=200)
    assert by_patient["accuracy"] != by_lesion["accuracy"]


@pytest.mark.parametrize(("found", "low", "high"), [(1.0, 0.2924, 1.0), (0.0, 0.0, 0.7076)])
def test_a_share_of_0_or_1_is_no_certainty(found, low, high):
    """Three of three: the exact interval begins at .025 ** (1 / 3)."""
    got = estimates({"hit": found}, {"hit": np.full(50, found)}, shares_of={"hit": 3})["hit"]
    assert (got.value, got.low, got.high) == pytest.approx((found, low, high), abs=1e-4)
    assert estimates({"hit": found}, {"hit": np.full(50, found)})["hit"].low == found


def test_shares_of_a_class_are_of_its_groups(make_predictions):
    frame = make_predictions(60, seed=9, images_per_lesion=3)
    frame[[f"p_{code}" for code in CLASSES]] = np.eye(len(CLASSES))[labels_of(frame)]
    got = decision_estimates(frame, "argmax_p", None, resamples=50)
    lesions = frame.groupby("diagnosis")["lesion_id"].nunique()
    for code, count in lesions.items():
        assert got[f"sensitivity_{code}"].low == pytest.approx(0.025 ** (1 / count))
        assert got[f"specificity_{code}"].low == pytest.approx(0.025 ** (1 / (lesions.sum() - count)))
    assert got["accuracy"].low == pytest.approx(0.025 ** (1 / lesions.sum()))
