import numpy as np
import pytest
from keras import ops
from scipy.special import softmax

from dermdistill.distill.losses import get_task_loss

focal = get_task_loss("focal")
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
