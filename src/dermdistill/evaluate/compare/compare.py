"""Is one model better than another? The paired difference of every metric, resampling the same lesions.

One training is one draw. With several seeds on a side, its figure is their mean, and a resample draws seeds
as well as lesions. So the interval contains what another seed would have changed.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.errors import DataError
from dermdistill.metrics import scores
from dermdistill.metrics.bootstrap import RESAMPLES, SEED, Estimate, estimates, lesion_weights, over_lesions
from dermdistill.metrics.decisions import DECISION_RULES, DecisionRule, decide, priors_as_vector
from dermdistill.metrics.predictions import codes_of, groups_of, labels_of, prob_columns, probs_of

Runs = pd.DataFrame | Sequence[pd.DataFrame]
"""Predictions of one training, or of several that differ in their seed only."""


def compare(
    first: Runs,
    second: Runs,
    *,
    rule: DecisionRule = "argmax_p",
    priors: NDArray[np.float64] | None = None,
    melanoma: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Estimate]:
    """Gain `second - first` of every metric with a 95 % interval by paired lesion bootstrap.

    All are predictions frames of the same images in any order; an interval that excludes 0 is a gain. Of few
    seeds the bootstrap sees (k - 1) / k of their variance: with three, read a bare gain as uncertain.

    `melanoma` is the code of the class that is melanoma, for the figures about it.

    Raises:
        DataError: the frames hold different images, lesions, diagnoses or classes.
    """
    old_runs, new_runs = as_runs(first), as_runs(second)
    weights = lesion_weights(groups_of(old_runs[0]), resamples=resamples, seed=seed)
    (old, old_spread), (new, new_spread) = (
        mean_over_seeds(
            [align(old_runs[0], run) for run in runs], rule, priors, weights, [seed, side], melanoma=melanoma
        )
        for side, runs in enumerate((old_runs, new_runs))
    )
    return estimates(
        {name: new[name] - old[name] for name in old},
        {name: new_spread[name] - old_spread[name] for name in old},
        differences=True,
    )


def as_runs(runs: Runs) -> list[pd.DataFrame]:
    """One training or several, as a list."""
    return [runs] if isinstance(runs, pd.DataFrame) else list(runs)


def mean_over_seeds(
    runs: Sequence[pd.DataFrame],
    rule: DecisionRule,
    priors: NDArray[np.float64] | None,
    weights: NDArray[np.float64],
    seed: Sequence[int],
    *,
    melanoma: str | None = None,
) -> tuple[dict[str, float], scores.Values]:
    """Every metric's mean over trainings, and the same in each resample of lesions and of trainings.

    Args:
        runs: predictions of the same images in the same order.
        rule: how a class is decided on.
        priors: class shares `[classes]`, for the rule that wants them.
        weights: `[resamples, n]`, see `lesion_weights`.
        seed: of the drawing of trainings; independent sides take different ones.
        melanoma: code of the class that is melanoma, for the figures about it.
    """
    count = len(runs)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=len(weights))
    parts = [_all_metrics(run, rule, priors, weights, melanoma) for run in runs]
    point = {name: float(np.mean([values[name] for values, _ in parts])) for name in parts[0][0]}
    spread = {}
    for name in point:
        of_seed = np.stack([values[name] for _, values in parts], axis=1)
        spread[name] = np.where(drawn > 0, drawn * of_seed, 0).sum(axis=1) / count
    return point, spread


def compare_frame(
    first: Runs,
    second: Runs,
    *,
    class_priors: dict[str, float],
    melanoma: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> pd.DataFrame:
    """`compare` under every decision rule: columns decision, figure, gain, low, high, sure.

    `sure` says whether the interval excludes 0. Figures that no rule changes have the decision `any`.

    Raises:
        DataError: as `compare`, or a class prior is missing.
    """
    codes = codes_of(as_runs(first)[0])
    priors, decided = priors_as_vector(class_priors, codes), scores.decision_figures(codes)
    rows = {}
    for rule in DECISION_RULES:
        gains = compare(
            first, second, rule=rule, priors=priors, melanoma=melanoma, resamples=resamples, seed=seed
        )
        for name, gain in gains.items():
            decision = rule if name in decided else "any"
            sure = "yes" if gain.low > 0 or gain.high < 0 else "no"
            rows[decision, name] = (decision, name, gain.value, gain.low, gain.high, sure)
    return pd.DataFrame(list(rows.values()), columns=["decision", "figure", "gain", "low", "high", "sure"])


def _all_metrics(
    frame: pd.DataFrame,
    rule: DecisionRule,
    priors: NDArray[np.float64] | None,
    weights: NDArray[np.float64],
    melanoma: str | None,
) -> tuple[dict[str, float], scores.Values]:
    labels, probs, codes = labels_of(frame), probs_of(frame), codes_of(frame)
    decided = decide(probs, rule, priors)

    def weighted(part: NDArray[np.float64]) -> scores.Values:
        return scores.decision_metrics(labels, decided, codes, part) | scores.probability_metrics(
            labels, probs, codes, part, melanoma=melanoma
        )

    return over_lesions(weighted, weights)


def align(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Rows and classes of `second` in the order of `first`.

    Raises:
        DataError: the frames hold different images, lesions, diagnoses, splits or classes.
    """
    codes, others = codes_of(first), codes_of(second)
    if set(codes) != set(others):
        raise DataError(
            f"the two predictions are of different classes ({', '.join(codes)}; {', '.join(others)}); "
            "compare models of one class table."
        )
    only = set(first["image_id"]) ^ set(second["image_id"])
    if only:
        raise DataError(
            f"the two predictions differ in {len(only)} images (first: {min(only)}); "
            "score both models on the same split."
        )
    ordered = second.set_index("image_id").loc[first["image_id"]].reset_index()
    facts = ["lesion_id", "diagnosis", "split"]
    differs = (ordered[facts] != first[facts]).any(axis=1)
    if differs.any():
        raise DataError(
            f"the two predictions disagree on lesion, diagnosis or split of {int(differs.sum())} images "
            f"(first: {first['image_id'][int(differs.argmax())]}); score both with the same splits.csv."
        )
    return ordered[[*(name for name in ordered if name not in prob_columns(codes)), *prob_columns(codes)]]
