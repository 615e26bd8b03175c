import numpy as np
import pytest

from dermdistill.bundle import Parity
from dermdistill.errors import BundleError
from dermdistill.export.parity import check_int8_size, check_parity, measure_parity

EVEN = np.full(7, 1 / 7)


def _measure(keras_logits, file_logits, labels):
    return measure_parity(keras_logits, file_logits, labels, split="val", rule="argmax_p", priors=EVEN)


def test_differences_by_hand():
    keras_logits = np.zeros((4, 7))
    keras_logits[[0, 1, 2, 3], [0, 1, 2, 3]] = 5
    file_logits = keras_logits.copy()
    file_logits[3] = 0
    file_logits[3, 4] = 4.5  # the fourth image goes to another class
    parity = _measure(keras_logits, file_logits, np.array([0, 1, 2, 3]))
    assert parity.max_abs_logit_difference == 5
    was, now = np.exp(5) / (np.exp(5) + 6), 1 / (np.exp(4.5) + 6)
    assert parity.max_abs_probability_difference == pytest.approx(was - now)
    assert parity.top1_agreement == 0.75
    assert parity.balanced_accuracy_drop == pytest.approx(0.25)
    assert (parity.split, parity.n_images) == ("val", 4)


def test_an_added_constant_changes_no_probability():
    logits = np.random.default_rng(0).normal(size=(10, 7))
    parity = _measure(logits, logits + 3, np.arange(10) % 7)
    assert parity.max_abs_probability_difference < 1e-12
    assert parity.max_abs_logit_difference == pytest.approx(3)


def test_the_drop_is_that_of_the_bundles_rule():
    logits = np.log(np.array([[0.02, 0.02, 0.02, 0.02, 0.3, 0.6, 0.02]]))
    less = np.log(np.array([[0.02, 0.02, 0.02, 0.02, 0.05, 0.85, 0.02]]))
    priors = np.array([0.05, 0.05, 0.1, 0.02, 0.1, 0.66, 0.02])
    labels = np.array([4])
    by_prior = measure_parity(logits, less, labels, split="val", rule="argmax_p_over_prior", priors=priors)
    assert by_prior.top1_agreement == 1
    assert by_prior.decision_agreement == 0
    assert by_prior.balanced_accuracy_drop == 1


def _parity(**figures):
    perfect = {
        "split": "val",
        "n_images": 100,
        "max_abs_logit_difference": 0.0,
        "max_abs_probability_difference": 0.0,
        "top1_agreement": 1.0,
        "balanced_accuracy_drop": 0.0,
    }
    return Parity.model_validate(perfect | figures)


@pytest.mark.parametrize(
    ("quantization", "figures"),
    [
        ("float32", {"max_abs_probability_difference": 1e-3}),
        ("float16", {"max_abs_probability_difference": 0.05, "top1_agreement": 0.98}),
        ("int8", {"max_abs_probability_difference": 0.2, "top1_agreement": 0.98}),
        ("int8", {"balanced_accuracy_drop": 0.005}),
        ("int8", {"balanced_accuracy_drop": -0.02}),
    ],
)
def test_the_limits_themselves_pass(quantization, figures):
    check_parity(_parity(**figures), quantization, name="a file")


@pytest.mark.parametrize(
    ("quantization", "figures", "message"),
    [
        ("float32", {"max_abs_probability_difference": 1.1e-3}, "a probability differs by 0.0011"),
        ("float16", {"max_abs_probability_difference": 0.051}, "a probability differs by 0.051"),
        ("float16", {"top1_agreement": 0.979}, "top-1 agreement 0.9790 is below 0.98"),
        ("int8", {"top1_agreement": 0.979}, "top-1 agreement 0.9790 is below 0.98"),
        ("int8", {"balanced_accuracy_drop": 0.0051}, "accuracy lost 0.0051, at most 0.005 may be"),
        ("int8", {"top1_agreement": 0.5, "balanced_accuracy_drop": 0.3}, "0.5000 is below.*lost 0.3"),
    ],
)
def test_what_is_beyond_a_limit_is_refused(quantization, figures, message):
    with pytest.raises(BundleError, match=message):
        check_parity(_parity(**figures), quantization, name="a file")


def test_an_int8_file_may_be_as_large_as_its_weights_and_no_larger():
    mobilenet_v2 = 2_266_951
    check_int8_size(2_970_341, mobilenet_v2, name="a file")
    with pytest.raises(BundleError, match="2970342 bytes for 2266951 parameters, more than the 2970341"):
        check_int8_size(2_970_342, mobilenet_v2, name="a file")
