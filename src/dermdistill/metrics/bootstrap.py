"""95 % intervals by resampling groups (patients, else lesions): their images are no independent evidence.

Percentile bootstrap (Efron, Tibshirani 1993): a resample draws as many groups as there are, with replacement,
and takes all images of each. A resample may not give a figure, for instance the sensitivity for a class of
which it drew no lesion. It is left out of that figure's percentiles and counted in `undefined`.

Resampling adds noise, and a calibration error grows with noise. So the bootstrap's estimate of that bias is
subtracted from the resamples of `scores.BIASED_UPWARDS` before percentiles are taken. The estimate is the
mean over the resamples less the figure itself (Efron, Tibshirani 1993, chapter 10). Every interval holds its
figure: a percentile that lies beyond it, as of a small sample it may, is set to it.

A share of 0 or 1 is 0 or 1 in every resample. Its interval would be a point, and two melanomas found of two
would look like certainty. Such a share has the exact interval of as many trials as it has groups (Clopper,
Pearson 1934).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.metrics import scores
from dermdistill.metrics.decisions import DecisionRule, decide
from dermdistill.metrics.predictions import codes_of, groups_of, labels_of, probs_of
from dermdistill.metrics.proportion import clopper_pearson

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
    even = np.full(len(lesions), 1 / len(lesions))
    draws = np.random.default_rng(seed).multinomial(len(lesions), even, size=resamples)
    return draws[:, lesion_of_image].astype(np.float64)


def over_lesions(
    compute: Callable[[NDArray[np.float64]], scores.Values], weights: NDArray[np.float64]
) -> tuple[dict[str, float], scores.Values]:
    """Figures by name, and the same in each resample.

    Args:
        compute: from weights `[rows, n]` to figures `[rows]` by name, see `scores`.
        weights: `[resamples, n]`; computed in chunks that keep memory flat.
    """
    point = {name: float(value[0]) for name, value in compute(np.ones((1, weights.shape[1]))).items()}
    parts = [compute(weights[start : start + _CHUNK]) for start in range(0, len(weights), _CHUNK)]
    return point, {name: np.concatenate([part[name] for part in parts]) for name in point}


def estimates(
    values: dict[str, float],
    spread: scores.Values,
    *,
    differences: bool = False,
    shares_of: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, Estimate]:
    """Figures with their intervals, which hold them.

    Args:
        values: by name.
        spread: their resampled values `[resamples]`, by name.
        differences: of two models' figures: a calibration error is never below 0, a difference of two may be.
        shares_of: for figures that are shares, by name, the number of groups that they are shares of.
    """
    found = {}
    for name, value in values.items():
        resampled = spread[name]
        if name in scores.BIASED_UPWARDS and not np.isnan(resampled).all():
            resampled = resampled - (np.nanmean(resampled) - value)
            resampled = resampled if differences else np.maximum(resampled, 0)
        found[name] = _estimate(value, resampled)
        if shares_of.get(name) and value in (0, 1):
            low, high = clopper_pearson(shares_of[name] * int(value), shares_of[name])
            found[name] = replace(found[name], low=low, high=high)
    return found


def groups_in(group_ids: pd.Series, *parts: NDArray[np.bool_]) -> list[int]:
    """How many groups have an image in each part `[n]` of the images."""
    numbers = pd.factorize(group_ids)[0]
    return [len(np.unique(numbers[part])) for part in parts]


def probability_estimates(
    frame: pd.DataFrame, *, melanoma: str | None, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Estimate]:
    """Every figure of `scores.probability_metrics` with its interval."""
    labels, probs, codes = labels_of(frame), probs_of(frame), codes_of(frame)
    weights = lesion_weights(groups_of(frame), resamples=resamples, seed=seed)
    return estimates(
        *over_lesions(
            lambda part: scores.probability_metrics(labels, probs, codes, part, melanoma=melanoma), weights
        )
    )


def decision_estimates(
    frame: pd.DataFrame,
    rule: DecisionRule,
    priors: NDArray[np.float64] | None,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Estimate]:
    """Every figure of `scores.decision_metrics` under one rule, with its interval."""
    labels, decided, codes = labels_of(frame), decide(probs_of(frame), rule, priors), codes_of(frame)
    weights = lesion_weights(groups_of(frame), resamples=resamples, seed=seed)
    groups = groups_of(frame)
    shares_of = {"accuracy": groups.nunique()}
    for k, code in enumerate(codes):
        of_class = groups_in(groups, labels == k, labels != k, decided == k)
        names = (f"{name}_{code}" for name in ("sensitivity", "specificity", "precision"))
        shares_of |= dict(zip(names, of_class, strict=True))
    return estimates(
        *over_lesions(lambda part: scores.decision_metrics(labels, decided, codes, part), weights),
        shares_of=shares_of,
    )


def _estimate(value: float, spread: NDArray[np.float64]) -> Estimate:
    defined = spread[~np.isnan(spread)]
    if not len(defined) or np.isnan(value):
        return Estimate(value, np.nan, np.nan, len(spread) - len(defined))
    low, high = np.percentile(defined, [2.5, 97.5])
    return Estimate(value, min(float(low), value), max(float(high), value), len(spread) - len(defined))
