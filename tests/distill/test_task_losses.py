import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax, softmax

from dermdistill.distill.losses import get_task_loss

balanced_softmax, focal = get_task_loss("balanced_softmax"), get_task_loss("focal")
LOGITS = np.random.default_rng(0).normal(0, 2, (6, 3)).astype(np.float32)
TARGETS = np.eye(3, dtype=np.float32)[[0, 1, 2, 2, 1, 0]]


def test_focal_equals_numbers_computed_by_hand():
    logits = np.log(np.array([[0.5, 0.25, 0.25]], np.float32))
    # (1 - .5)^2 ln 2 and (1 - .25)^2 ln 4; half of each for a target of two halves.
    by_hand = {(1, 0, 0): 0.25 * np.log(2), (0, 1, 0): 0.5625 * np.log(4)}
    by_hand[0.5, 0.5, 0] = sum(by_hand.values()) / 2
    for target, expected in by_hand.items():
        value = ops.convert_to_numpy(focal(logits, np.array([target], np.float32)))
        np.testing.assert_allclose(value, [expected], rtol=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 1.0, 5.0])
def test_focal_equals_the_papers_formula_for_hard_labels(gamma):
    p = (softmax(LOGITS.astype(float), axis=1) * TARGETS).sum(axis=1)
    value = ops.convert_to_numpy(focal(LOGITS, TARGETS, gamma=gamma))
    np.testing.assert_allclose(value, -((1 - p) ** gamma) * np.log(p), rtol=1e-4)


def test_balanced_softmax_is_the_papers_loss_with_the_prior_moved_into_the_bias():
    # Menon et al.: -log of share_y e^{f_y} / sum share_c e^{f_c}. Our logits are f + log share.
    shares = np.array([0.7, 0.2, 0.1])
    f = LOGITS - np.log(shares)
    adjusted = shares * np.exp(f)
    expected = -np.log((adjusted * TARGETS).sum(axis=1) / adjusted.sum(axis=1))
    value = ops.convert_to_numpy(balanced_softmax(LOGITS, TARGETS))
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    # And the balanced decision is argmax f, which is argmax p / share.
    over_prior = softmax(LOGITS, axis=1) / shares
    np.testing.assert_array_equal(f.argmax(axis=1), over_prior.argmax(axis=1))


def test_training_prior_free_logits_takes_the_same_steps_as_training_ours():
    # A linear model by gradient descent, written out: prior-free logits from bias 0 under the paper's loss,
    # ours from bias log(share) under cross-entropy. Only the bias differs, by log(share), for ever.
    rng = np.random.default_rng(1)
    features, labels = rng.normal(size=(50, 4)), rng.integers(0, 3, 50)
    targets, log_shares = np.eye(3)[labels], np.log([0.7, 0.2, 0.1])

    def descend(bias, shift):
        weights = np.zeros((4, 3))
        for _ in range(100):
            error = np.exp(log_softmax(features @ weights + bias + shift, axis=1)) - targets
            weights, bias = weights - 0.01 * features.T @ error, bias - 0.01 * error.sum(axis=0)
        return weights, bias

    paper, ours = descend(np.zeros(3), log_shares), descend(log_shares, 0.0)
    np.testing.assert_allclose(paper[0], ours[0], atol=1e-12)
    np.testing.assert_allclose(paper[1] + log_shares, ours[1], atol=1e-12)
