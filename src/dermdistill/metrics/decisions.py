"""From probabilities to one class: the decision rules, and the check that a model decides at all."""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import DataError
from dermdistill.taxonomy import CLASSES, NUM_CLASSES

DecisionRule = Literal["argmax_p", "argmax_p_over_root_prior", "argmax_p_over_prior"]
DECISION_RULES: tuple[DecisionRule, ...] = get_args(DecisionRule)
# The power of the prior that a probability is divided by.
_POWERS: dict[DecisionRule, float] = {
    "argmax_p": 0.0,
    "argmax_p_over_root_prior": 0.5,
    "argmax_p_over_prior": 1.0,
}
# Softmax outputs whose spread over all images is below this carry no information about the image.
_CONSTANT_SPREAD = 1e-3


def decide(
    probs: NDArray[np.floating], rule: DecisionRule, priors: NDArray[np.floating] | None = None
) -> NDArray[np.intp]:
    """Chosen class `[n]` of probabilities `[n, 7]`.

    `argmax_p` is best for accuracy. `argmax_p_over_prior` divides by the class shares seen in training
    (`priors` `[7]`) and is best for balanced accuracy when probabilities follow those shares
    (Menon et al. 2021, arXiv:2007.07314). `argmax_p_over_root_prior` lies half way: it divides by the square
    root of the prior, and gives up a little of either for most of both.

    Raises:
        DataError: priors are missing, not positive or not seven.
    """
    if rule == "argmax_p":
        return np.asarray(probs.argmax(axis=1), np.intp)
    if priors is None or priors.shape != (NUM_CLASSES,) or not (priors > 0).all():
        raise DataError(f"the rule {rule} needs seven positive class priors; give --splits.")
    return np.asarray((probs / priors ** _POWERS[rule]).argmax(axis=1), np.intp)


def priors_as_vector(priors: Mapping[str, float]) -> NDArray[np.float64]:
    """Priors `{code: p}` as `[7]` in taxonomy order, summing to 1.

    Raises:
        DataError: a class is missing or not positive.
    """
    wrong = [code for code in CLASSES if not priors.get(code, 0) > 0]
    if wrong:
        raise DataError(f"the class priors lack a positive value for {', '.join(wrong)}; give all seven.")
    vector = np.array([priors[code] for code in CLASSES], np.float64)
    return np.asarray(vector / vector.sum(), np.float64)


def is_collapsed(probs: NDArray[np.floating]) -> bool:
    """Whether the model answers every image alike: one class by plain argmax, or constant probabilities."""
    return bool(np.unique(probs.argmax(axis=1)).size == 1 or np.ptp(probs, axis=0).max() < _CONSTANT_SPREAD)


def decision_warnings(labels: NDArray[np.intp], probs: NDArray[np.floating]) -> list[str]:
    """What a reader must know before any figure: a collapsed model, or true classes it never names."""
    predicted = probs.argmax(axis=1)
    if np.ptp(probs, axis=0).max() < _CONSTANT_SPREAD:
        return ["gives every image the same probabilities: it learned nothing beyond the class shares"]
    if np.unique(predicted).size == 1:
        only = CLASSES[int(predicted[0])]
        return [f"predicts one class only ({only}): it learned nothing beyond the class shares"]
    never = [CLASSES[k] for k in np.unique(labels) if not (predicted == k).any()]
    return [f"never predicts {', '.join(never)}, though the split holds such images"] if never else []
