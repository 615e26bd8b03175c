import numpy as np
import pytest

from dermdistill.errors import DataError
from dermdistill.metrics.decisions import (
    DECISION_RULES,
    decide,
    decision_warnings,
    is_collapsed,
    priors_as_vector,
)
from dermdistill.metrics.predictions import labels_of, probs_of
from dermdistill.metrics.priors import priors_from_labels
from ham10000 import CLASSES

MEL, NV = 4, 5
PRIORS = np.array([0.03, 0.05, 0.11, 0.01, 0.11, 0.67, 0.02])


def test_the_rules_by_hand():
    probs = np.array([[0.0, 0.0, 0.0, 0.0, 0.3, 0.7, 0.0], [0.0, 0.0, 0.0, 0.0, 0.25, 0.75, 0.0]])
    assert list(decide(probs, "argmax_p")) == [NV, NV]
    assert list(decide(probs, "argmax_p_over_prior", PRIORS)) == [MEL, MEL]  # .25/.11 > .75/.67
    # .3/.332 > .7/.819, but .25/.332 < .75/.819
    assert list(decide(probs, "argmax_p_over_root_prior", PRIORS)) == [MEL, NV]


def test_a_rule_without_its_priors_is_refused():
    with pytest.raises(DataError, match="a class prior for each class"):
        decide(np.ones((1, 7)), "argmax_p_over_prior")
    with pytest.raises(DataError, match="a class prior for each class"):
        decide(np.ones((1, 7)), "argmax_p_over_prior", np.zeros(7))
    with pytest.raises(DataError, match="for df, vasc;"):
        priors_as_vector({"akiec": 0.1, "bcc": 0.1, "bkl": 0.1, "mel": 0.1, "nv": 0.6, "df": -1}, CLASSES)


def test_a_class_without_images_has_no_prior():
    priors = priors_from_labels(np.array([NV, NV, MEL]), len(CLASSES))
    assert priors.sum() == pytest.approx(1)
    assert priors[NV] == pytest.approx(2.5 / 4)
    assert priors[0] == 0


@pytest.mark.parametrize("rule", DECISION_RULES)
def test_a_class_without_training_images_is_never_favoured(rule):
    """Data of naevi and melanomas only: a hundredth divided by nothing must not win."""
    labels = np.array([NV, MEL, NV, MEL])
    probs = np.full((4, 7), 0.01)
    probs[:, [MEL, NV]] = [[0.05, 0.9], [0.9, 0.05]] * 2
    priors = priors_from_labels(labels, len(CLASSES))
    assert decide(probs, rule, priors).tolist() == labels.tolist()


def test_a_student_that_predicts_one_class_is_called_out(make_predictions):
    """The seed system's student: 66.95 % accuracy, six classes never found."""
    frame = make_predictions(300, skill=0)
    probs = probs_of(frame)
    probs[:, NV] += 3
    probs /= probs.sum(axis=1, keepdims=True)
    assert is_collapsed(probs)
    assert decision_warnings(labels_of(frame), probs, CLASSES) == [
        "predicts one class only (nv): it learned nothing beyond the class shares"
    ]


def test_a_constant_answer_is_called_out(make_predictions):
    labels = labels_of(make_predictions(100))
    probs = np.tile(PRIORS, (100, 1)) + np.random.default_rng(0).uniform(0, 1e-5, (100, 7))
    assert is_collapsed(probs)
    assert "gives every image the same probabilities" in decision_warnings(labels, probs, CLASSES)[0]


def test_a_class_never_named_is_called_out():
    labels = np.array([NV, NV, MEL, 3])
    probs = np.eye(7)[[NV, NV, MEL, NV]]
    assert not is_collapsed(probs)
    assert decision_warnings(labels, probs, CLASSES) == [
        "never predicts df, though the split holds such images"
    ]


def test_a_model_that_decides_is_left_in_peace(make_predictions):
    frame = make_predictions(600, skill=6)
    assert not is_collapsed(probs_of(frame))
    assert decision_warnings(labels_of(frame), probs_of(frame), CLASSES) == []
