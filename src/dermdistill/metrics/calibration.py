"""Temperature scaling: one number, fitted on validation, that makes confidence match frequency.

Source: Guo, Pleiss, Sun, Weinberger 2017, arXiv:1706.04599. Probabilities become softmax(logits / T); since
softmax forgets an added constant, log-probabilities serve as logits, and no model is needed.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from dermdistill.errors import DataError

# The smallest positive float32: a probability that underflowed to 0 still has a finite log.
_LEAST = float(np.finfo(np.float32).tiny)
# A likelihood this close to certainty has no curvature left to fit a temperature by.
_NO_LOSS = 1e-6
# Beyond these the probabilities are all but one-hot or all but even: the fit ran away.
_LOWEST, _HIGHEST = 0.05, 20.0


def fit_temperature(labels: NDArray[np.intp], probs: NDArray[np.floating]) -> float:
    """Temperature that minimises the negative log-likelihood of `labels` `[n]` given `probs` `[n, classes]`.

    Raises:
        DataError: no finite temperature fits, for instance because every image is answered rightly.
    """
    logits = np.log(np.maximum(probs, _LEAST))
    rows = np.arange(len(labels))

    def nll(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-scaled[rows, labels].mean())

    bounds = (np.log(_LOWEST), np.log(_HIGHEST))
    found = minimize_scalar(nll, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    temperature = float(np.exp(found.x))
    ran_away = not _LOWEST * 1.01 < temperature < _HIGHEST / 1.01
    if ran_away or found.fun < _NO_LOSS:
        raise DataError(
            f"no temperature between {_LOWEST} and {_HIGHEST} fits these {len(labels)} validation images; "
            "use more images, or a model that learned something."
        )
    return temperature


def apply_temperature(probs: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Probabilities `[n, classes]` rescaled by `temperature` > 0: above 1 they become less sure."""
    return np.asarray(softmax(np.log(np.maximum(probs, _LEAST)) / temperature, axis=1), np.float64)
