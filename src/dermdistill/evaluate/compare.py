"""Is one model better than another? The paired difference of every metric, resampling the same lesions."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.errors import DataError
from dermdistill.evaluate import metrics, resampled
from dermdistill.evaluate.bootstrap import (
    RESAMPLES,
    SEED,
    Estimate,
    estimates,
    lesion_weights,
    over_lesions,
)
from dermdistill.evaluate.decisions import DECISION_RULES, DecisionRule, decide, priors_as_vector
from dermdistill.evaluate.predictions import labels_of, probs_of

# Which figures depend on the decision rule.
_DECIDED = frozenset(metrics.decision_metrics(np.zeros(1, np.intp), np.zeros(1, np.intp)))


def compare(
    first: pd.DataFrame,
    second: pd.DataFrame,
    *,
    rule: DecisionRule = "argmax_p",
    priors: NDArray[np.float64] | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Estimate]:
    """Gain `second - first` of every metric with a 95 % interval by paired lesion bootstrap.

    Both are predictions frames of the same images in any order; an interval that excludes 0 is a gain.

    Raises:
        DataError: the frames hold different images, lesions or diagnoses.
    """
    second = align(first, second)
    weights = lesion_weights(first["lesion_id"], resamples=resamples, seed=seed)
    old, old_spread = _all_metrics(first, rule, priors, weights)
    new, new_spread = _all_metrics(second, rule, priors, weights)
    return estimates(
        {name: new[name] - old[name] for name in old},
        {name: new_spread[name] - old_spread[name] for name in old},
    )


def compare_frame(
    first: pd.DataFrame,
    second: pd.DataFrame,
    *,
    class_priors: dict[str, float],
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> pd.DataFrame:
    """`compare` under every decision rule: columns decision, figure, gain, low, high, sure.

    `sure` says whether the interval excludes 0. Figures that no rule changes have the decision `any`.

    Raises:
        DataError: as `compare`, or a class prior is missing.
    """
    priors = priors_as_vector(class_priors)
    rows = {}
    for rule in DECISION_RULES:
        gains = compare(first, second, rule=rule, priors=priors, resamples=resamples, seed=seed)
        for name, gain in gains.items():
            decision = rule if name in _DECIDED else "any"
            sure = "yes" if gain.low > 0 or gain.high < 0 else "no"
            rows[decision, name] = (decision, name, gain.value, gain.low, gain.high, sure)
    return pd.DataFrame(list(rows.values()), columns=["decision", "figure", "gain", "low", "high", "sure"])


def _all_metrics(
    frame: pd.DataFrame,
    rule: DecisionRule,
    priors: NDArray[np.float64] | None,
    weights: NDArray[np.float64],
) -> tuple[dict[str, float], resampled.Values]:
    labels, probs = labels_of(frame), probs_of(frame)
    decided = decide(probs, rule, priors)

    def weighted(part: NDArray[np.float64]) -> resampled.Values:
        return resampled.decision_metrics(labels, decided, part) | resampled.probability_metrics(
            labels, probs, part
        )

    point = metrics.decision_metrics(labels, decided) | metrics.probability_metrics(labels, probs)
    return point, over_lesions(weighted, weights)


def align(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Rows of `second` in the order of `first`.

    Raises:
        DataError: the frames hold different images, lesions or diagnoses.
    """
    only = set(first["image_id"]) ^ set(second["image_id"])
    if only:
        raise DataError(
            f"the two predictions differ in {len(only)} images (first: {min(only)}); "
            "score both models on the same split."
        )
    ordered = second.set_index("image_id").loc[first["image_id"]].reset_index()
    differs = (ordered[["lesion_id", "diagnosis"]] != first[["lesion_id", "diagnosis"]]).any(axis=1)
    if differs.any():
        raise DataError(
            f"the two predictions disagree on lesion or diagnosis of {int(differs.sum())} images "
            f"(first: {first['image_id'][int(differs.argmax())]}); score both with the same splits.csv."
        )
    return ordered
