import keras
import numpy as np
import pytest
from keras import ops

from dermdistill.distill.losses import get_distill_loss, get_task_loss, register_task_loss, task_loss_names
from dermdistill.errors import RecipeError

STUDENT = np.array([[1.0, 0.0, -1.0], [0.2, 0.4, 0.1]], np.float32)
TEACHER = np.array([[2.0, 1.0, 0.0], [-1.0, 3.0, 0.5]], np.float32)
kd, cross_entropy = get_distill_loss("kd"), get_task_loss("cross_entropy")


def softmax(values):
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def test_kd_equals_numbers_computed_by_hand():
    # teacher [ln 4, 0], student [0, 0], T = 2: teacher probabilities [2/3, 1/3], student [1/2, 1/2];
    # KL = 2/3 ln(4/3) + 1/3 ln(2/3) = 0.0566330, times T^2 = 0.2265321.
    value = kd(np.zeros((1, 2), np.float32), np.array([[np.log(4.0), 0.0]], np.float32), 2.0)
    np.testing.assert_allclose(ops.convert_to_numpy(value), [0.2265321], rtol=1e-5)


@pytest.mark.parametrize("temperature", [1.0, 4.0, 50.0])
def test_kd_equals_keras_divergence_of_the_softened_probabilities_times_t_squared(temperature):
    reference = keras.losses.KLDivergence(reduction="none")(
        softmax(TEACHER / temperature), softmax(STUDENT / temperature)
    )
    expected = temperature**2 * ops.convert_to_numpy(reference)
    np.testing.assert_allclose(
        ops.convert_to_numpy(kd(STUDENT, TEACHER, temperature)), expected, rtol=2e-2, atol=1e-4
    )


def test_kd_at_a_high_temperature_is_the_squared_error_of_centred_logits():
    # Hinton et al. 2015, section 2.1: T^2 KL -> sum((v - z)^2) / (2 N) for logits of zero mean. Without the
    # factor T^2 this would be 1/2500 of it, and nothing would be learned.
    centred = [logits - logits.mean(axis=1, keepdims=True) for logits in (STUDENT, TEACHER)]
    expected = ((centred[1] - centred[0]) ** 2).sum(axis=1) / (2 * 3)
    value = ops.convert_to_numpy(kd(STUDENT.astype("float64"), TEACHER.astype("float64"), 50.0))
    np.testing.assert_allclose(value, expected, rtol=0.05)


def test_softmax_is_taken_once():
    # Teacher certain of class 0, student certain of class 1: with a second softmax on top, no loss could
    # exceed ln(e / (e + 1)) or so; taken once it is about 10 nats.
    certain = np.array([[10.0, 0.0], [0.0, 10.0]], np.float32)
    np.testing.assert_allclose(ops.convert_to_numpy(kd(certain[::-1], certain, 1.0)), 10.0, atol=0.01)
    targets = np.array([[0.0, 1.0], [1.0, 0.0]], np.float32)
    np.testing.assert_allclose(ops.convert_to_numpy(cross_entropy(certain, targets)), 10.0, atol=0.01)


def test_kd_ignores_a_constant_added_to_logits_so_log_probabilities_are_logits_too():
    log_probs = np.log(softmax(TEACHER))
    np.testing.assert_allclose(
        ops.convert_to_numpy(kd(STUDENT, log_probs, 3.0)),
        ops.convert_to_numpy(kd(STUDENT, TEACHER, 3.0)),
        rtol=1e-4,
        atol=1e-5,
    )


def test_cross_entropy_equals_numbers_computed_by_hand():
    logits = np.log(np.array([[0.5, 0.25, 0.25]], np.float32))
    hard = cross_entropy(logits, np.array([[0.0, 1.0, 0.0]], np.float32))
    mixed = cross_entropy(logits, np.array([[0.5, 0.5, 0.0]], np.float32))
    np.testing.assert_allclose(ops.convert_to_numpy(hard), [np.log(4)], rtol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(mixed), [1.5 * np.log(2)], rtol=1e-6)


def test_names_are_registered_once_and_unknown_ones_say_what_there_is():
    assert "cross_entropy" in task_loss_names()
    with pytest.raises(RecipeError, match="twice"):
        register_task_loss("cross_entropy")(cross_entropy)
    with pytest.raises(RecipeError, match="kd"):
        get_distill_loss("kl")
