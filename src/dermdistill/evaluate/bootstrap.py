"""95 % intervals by resampling lesions: images of one lesion are no independent evidence.

Percentile bootstrap (Efron, Tibshirani 1993) over `lesion_id`: a resample draws as many lesions as there
are, with replacement, and takes all images of each. A figure that a resample cannot give, for instance the
sensitivity for a class of which it drew no lesion, is left out of that figure's percentiles and counted in
`undefined`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.evaluate import metrics, resampled
from dermdistill.evaluate.decisions import DecisionRule, decide
from dermdistill.evaluate.predictions import labels_of, probs_of

RESAMPLES = 1000
SEED = 20180801
_CHUNK = 250  # resamples held at once: 250 by 10,015 images of float64 are 20 MB


@dataclass(frozen=True)
class Estimate:
    """A metric with its 95 % interval; NaN where it cannot be given; `undefined` resamples left out."""

    value: float
    low: float
    high: float
    undefined: int = 0

    def __str__(self) -> str:
        if np.isnan(self.value):
            return "not defined"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def lesion_weights(lesion_ids: pd.Series, *, resamples: int, seed: int) -> NDArray[np.float64]:
    """How often each image `[n]` is drawn in each resample: `[resamples, n]`, the same within a lesion."""
    lesion_of_image, lesions = pd.factorize(lesion_ids)
    draws = np.random.default_rng(seed).multinomial(len(lesions), _even(len(lesions)), size=resamples)
    return draws[:, lesion_of_image].astype(np.float64)


def over_lesions(
    compute: Callable[[NDArray[np.float64]], resampled.Values], weights: NDArray[np.float64]
) -> resampled.Values:
    """`compute` over all rows of `weights` `[resamples, n]`, in chunks that keep memory flat."""
    parts = [compute(weights[start : start + _CHUNK]) for start in range(0, len(weights), _CHUNK)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def estimates(values: dict[str, float], spread: resampled.Values) -> dict[str, Estimate]:
    """Point values with the 2.5 and 97.5 percentiles of their resampled values."""
    return {name: _estimate(values[name], spread[name]) for name in values}


def probability_estimates(
    frame: pd.DataFrame, *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Estimate]:
    """Every figure of `metrics.probability_metrics` with its interval."""
    labels, probs = labels_of(frame), probs_of(frame)
    weights = lesion_weights(frame["lesion_id"], resamples=resamples, seed=seed)
    spread = over_lesions(lambda part: resampled.probability_metrics(labels, probs, part), weights)
    return estimates(metrics.probability_metrics(labels, probs), spread)


def decision_estimates(
    frame: pd.DataFrame,
    rule: DecisionRule,
    priors: NDArray[np.float64] | None,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Estimate]:
    """Every figure of `metrics.decision_metrics` under one rule, with its interval."""
    labels, decided = labels_of(frame), decide(probs_of(frame), rule, priors)
    weights = lesion_weights(frame["lesion_id"], resamples=resamples, seed=seed)
    spread = over_lesions(lambda part: resampled.decision_metrics(labels, decided, part), weights)
    return estimates(metrics.decision_metrics(labels, decided), spread)


def _estimate(value: float, spread: NDArray[np.float64]) -> Estimate:
    defined = spread[~np.isnan(spread)]
    if not len(defined) or np.isnan(value):
        return Estimate(value, np.nan, np.nan, len(spread) - len(defined))
    low, high = np.percentile(defined, [2.5, 97.5])
    return Estimate(value, float(low), float(high), len(spread) - len(defined))


def _even(count: int) -> NDArray[np.float64]:
    return np.full(count, 1 / count)
