"""Thresholds for a stated sensitivity, fitted on one split and measured on another: plain and cautious.

Two targets: `melanoma`, the probability of the table's melanoma class; `malignant`, the sum over malignant
and precursor classes. Refer when `score >= threshold`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from dermdistill.classes import ClassTable
from dermdistill.errors import DataError
from dermdistill.metrics.bootstrap import RESAMPLES, SEED, Estimate, estimates, groups_in, lesion_weights
from dermdistill.metrics.predictions import codes_of, groups_of, labels_of, probs_of
from dermdistill.metrics.scores import share

Target = Literal["melanoma", "malignant"]
SENSITIVITIES = (0.90, 0.95, 0.98)
# Assumed, not measured: shares among lesions a specialist is shown. Predictive values hold for these only.
PREVALENCE: dict[Target, float] = {"melanoma": 0.02, "malignant": 0.10}
CONFIDENCE = 0.90


@dataclass(frozen=True)
class CautiousThreshold:
    """Refer when `score >= threshold`; `confidence` that new lesions see the sensitivity asked for.

    Below `CONFIDENCE` where there are too few of the `n_lesions`: then it is the lowest score seen.
    """

    threshold: float
    confidence: float
    n_lesions: int


@dataclass(frozen=True)
class Measured:
    """What a threshold gave on the measured split; predictive values at the target's prevalence."""

    sensitivity: Estimate
    specificity: Estimate
    positive_predictive_value: float
    negative_predictive_value: float


@dataclass(frozen=True)
class OperatingPoint:
    """Both thresholds with what they gave; see the module for target and rule."""

    target: Target
    asked_sensitivity: float
    prevalence: float
    threshold: float
    measured: Measured
    cautious: CautiousThreshold
    cautious_measured: Measured


def positives(classes: ClassTable, codes: Sequence[str]) -> dict[Target, list[int]]:
    """Which of `codes`, by position, each target refers; a target without classes, or of all, is left out."""
    of_target: dict[Target, tuple[str, ...]] = {
        "melanoma": () if classes.melanoma is None else (classes.melanoma,),
        "malignant": classes.malignant,
    }
    found = {target: [k for k, code in enumerate(codes) if code in of] for target, of in of_target.items()}
    return {target: columns for target, columns in found.items() if 0 < len(columns) < len(codes)}


def scores(probs: NDArray[np.floating], columns: Sequence[int]) -> NDArray[np.float64]:
    """Score `[n]` of a target with these classes from probabilities `[n, classes]`."""
    return np.asarray(probs[:, list(columns)].sum(axis=1), np.float64)


def is_positive(labels: NDArray[np.intp], columns: Sequence[int]) -> NDArray[np.bool_]:
    """Whether each label `[n]` is one of a target's classes."""
    return np.isin(labels, list(columns))


def fit_threshold(positive: NDArray[np.bool_], score: NDArray[np.floating], sensitivity: float) -> float:
    """Highest threshold at which at least `sensitivity` of the positive images are referred.

    Raises:
        DataError: there is no positive image.
    """
    found = np.sort(score[positive])[::-1]
    if not len(found):
        raise DataError("no validation image is positive, so no threshold can be fitted; use another split.")
    return float(found[int(np.ceil(sensitivity * len(found) - 1e-9)) - 1])


def cautious_threshold(
    positive: NDArray[np.bool_],
    score: NDArray[np.floating],
    lesion_ids: pd.Series,
    sensitivity: float,
    *,
    confidence: float = CONFIDENCE,
) -> CautiousThreshold:
    """A threshold that keeps its sensitivity on new lesions with a stated confidence.

    The highest threshold that reaches a sensitivity on the images it is fitted on misses it on new ones half
    of the time. Here each positive lesion counts once, by the lowest score among its images, and the
    threshold is the k-th lowest of these n. The share of new lesions below it then follows a Beta(k, n - k +
    1), whatever the scores' distribution. So the sensitivity `s` is kept with probability `P(Binomial(n, 1 -
    s) >= k)`. k is the largest that makes this at least the confidence (Wilks 1941; Vovk 2012,
    arXiv:1209.2673). New lesions must resemble those seen.

    Args:
        positive: which images `[n]` are positive.
        score: `[n]`, higher is more suspicious.
        lesion_ids: the lesion of each image `[n]`.
        sensitivity: asked for, 0 to 1.
        confidence: asked for, 0 to 1.

    Raises:
        DataError: there is no positive image.
    """
    if not positive.any():
        raise DataError("no validation image is positive, so no threshold can be fitted; use another split.")
    lowest = np.sort(pd.Series(score[positive]).groupby(lesion_ids.to_numpy()[positive]).min().to_numpy())
    ranks = np.arange(1, len(lowest) + 1)
    kept = binom.sf(ranks - 1, len(lowest), 1 - sensitivity)
    rank = max(int((kept >= confidence).sum()), 1)
    return CautiousThreshold(float(lowest[rank - 1]), float(kept[rank - 1]), len(lowest))


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """Positive and negative predictive value by Bayes' rule; NaN where nobody is on that side."""
    true, false = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    missed, cleared = (1 - sensitivity) * prevalence, specificity * (1 - prevalence)
    return _share(true, false), _share(cleared, missed)


def operating_points(
    fit: pd.DataFrame,
    measure: pd.DataFrame,
    classes: ClassTable,
    *,
    sensitivities: tuple[float, ...] = SENSITIVITIES,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> list[OperatingPoint]:
    """Fit every target's thresholds on `fit`, measure them on `measure` with lesion-bootstrap intervals.

    Both are predictions frames with calibrated probabilities, of the same classes.

    Raises:
        DataError: a target has no positive image in `fit`.
    """
    weights = lesion_weights(groups_of(measure), resamples=resamples, seed=seed)
    points = []
    for target, columns in positives(classes, codes_of(fit)).items():
        fit_positive, fit_score = is_positive(labels_of(fit), columns), scores(probs_of(fit), columns)
        positive, score = is_positive(labels_of(measure), columns), scores(probs_of(measure), columns)
        for asked in sensitivities:
            threshold = fit_threshold(fit_positive, fit_score, asked)
            cautious = cautious_threshold(fit_positive, fit_score, fit["lesion_id"], asked)
            plain, careful = (
                _measured(target, groups_of(measure), positive, score >= limit, weights)
                for limit in (threshold, cautious.threshold)
            )
            points.append(
                OperatingPoint(target, asked, PREVALENCE[target], threshold, plain, cautious, careful)
            )
    return points


def _measured(
    target: Target,
    groups: pd.Series,
    positive: NDArray[np.bool_],
    referred: NDArray[np.bool_],
    weights: NDArray[np.float64],
) -> Measured:
    rows = np.vstack([np.ones((1, len(positive))), weights])
    sensitivity = share(positive & referred, positive, rows)
    specificity = share(~positive & ~referred, ~positive, rows)
    measured = estimates(
        {"sensitivity": float(sensitivity[0]), "specificity": float(specificity[0])},
        {"sensitivity": sensitivity[1:], "specificity": specificity[1:]},
        shares_of=dict(
            zip(("sensitivity", "specificity"), groups_in(groups, positive, ~positive), strict=True)
        ),
    )
    values = predictive_values(float(sensitivity[0]), float(specificity[0]), PREVALENCE[target])
    return Measured(measured["sensitivity"], measured["specificity"], *values)


def _share(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest > 0 else float("nan")
