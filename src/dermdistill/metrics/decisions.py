"""From probabilities to one class: the decision rules, and the check that a model decides at all."""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import DataError

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
    """Chosen class `[n]` of probabilities `[n, classes]`.

    `argmax_p` is best for accuracy. `argmax_p_over_prior` divides by the class shares seen in training
    (`priors` `[classes]`) and is best for balanced accuracy when probabilities follow those shares
    (Menon et al. 2021, arXiv:2007.07314). `argmax_p_over_root_prior` lies half way: it divides by the square
    root of the prior, and gives up a little of either for most of both. Neither of these two ever decides for
    a class of prior 0: a quotient by nothing would favour what training has never seen.

    Raises:
        DataError: priors are missing, negative, all 0, or not one for each class.
    """
    if rule == "argmax_p":
        return np.asarray(probs.argmax(axis=1), np.intp)
    if priors is None or priors.shape != probs.shape[1:] or not (priors >= 0).all() or not priors.any():
        raise DataError(f"the rule {rule} needs a class prior for each class; give --splits.")
    learned = priors > 0
    quotients = probs / np.where(learned, priors, 1) ** _POWERS[rule]
    return np.asarray(np.where(learned, quotients, -1).argmax(axis=1), np.intp)


def priors_as_vector(priors: Mapping[str, float], codes: Sequence[str]) -> NDArray[np.float64]:
    """Priors `{code: p}` as `[classes]` in the order of `codes`, summing to 1.

    Raises:
        DataError: a class is missing or negative, or all are 0.
    """
    wrong = [code for code in codes if not priors.get(code, -1) >= 0]
    if wrong or not any(priors[code] for code in codes):
        raise DataError(f"the class priors lack a value for {', '.join(wrong or codes)}; give one for each.")
    vector = np.array([priors[code] for code in codes], np.float64)
    return np.asarray(vector / vector.sum(), np.float64)


def is_collapsed(probs: NDArray[np.floating]) -> bool:
    """Whether the model answers every image alike: one class by plain argmax, or constant probabilities."""
    return bool(np.unique(probs.argmax(axis=1)).size == 1 or np.ptp(probs, axis=0).max() < _CONSTANT_SPREAD)


def decision_warnings(
    labels: NDArray[np.intp], probs: NDArray[np.floating], codes: Sequence[str]
) -> list[str]:
    """What a reader must know before any figure: a collapsed model, or true classes it never names."""
    predicted = probs.argmax(axis=1)
    if np.ptp(probs, axis=0).max() < _CONSTANT_SPREAD:
        return ["gives every image the same probabilities: it learned nothing beyond the class shares"]
    if np.unique(predicted).size == 1:
        only = codes[int(predicted[0])]
        return [f"predicts one class only ({only}): it learned nothing beyond the class shares"]
    never = [codes[k] for k in np.unique(labels) if not (predicted == k).any()]
    return [f"never predicts {', '.join(never)}, though the split holds such images"] if never else []
