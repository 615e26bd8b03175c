"""Everything to be said about one predictions file: figures with intervals, and what to mistrust.

`analyse` is a pure function of predictions; `report_files` writes what it returns.
"""

from dataclasses import dataclass, field
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import ClassTable
from dermdistill.errors import DataError
from dermdistill.metrics.bootstrap import RESAMPLES, SEED, Estimate, decision_estimates, probability_estimates
from dermdistill.metrics.calibration import apply_temperature, fit_temperature
from dermdistill.metrics.conformal import ConformalLevel, conformal_levels
from dermdistill.metrics.decisions import (
    DECISION_RULES,
    DecisionRule,
    decision_warnings,
    is_collapsed,
    priors_as_vector,
)
from dermdistill.metrics.predictions import (
    FIT_SPLIT,
    codes_of,
    labels_of,
    probs_of,
    select_split,
    with_probs,
)
from dermdistill.metrics.thresholds import OperatingPoint, Target, operating_points, positives


@dataclass(frozen=True)
class Calibrated:
    """What validation images teach without touching a weight, measured on the reported split.

    `decision` holds the figures of `argmax_p_over_prior` on the scaled probabilities, which is how a bundle
    decides; plain argmax does not change by scaling.
    """

    temperature: float
    n_fit_images: int
    decision: dict[str, Estimate]
    probabilities: dict[str, Estimate]
    operating_points: list[OperatingPoint]
    conformal: list[ConformalLevel]


@dataclass(frozen=True)
class Report:
    """One split's figures; `decisions` by rule, `probabilities` as the model gave them.

    `targets` are what can be referred, `melanoma` the code of the class that is melanoma, if one is.
    `calibrated` is None where it cannot be had, and `warnings` says why.
    """

    split: str
    n_images: int
    n_lesions: int
    classes: dict[str, dict[str, int]]
    resamples: int
    seed: int
    class_priors: dict[str, float]
    class_priors_from: str
    decisions: dict[DecisionRule, dict[str, Estimate]]
    probabilities: dict[str, Estimate]
    calibrated: Calibrated | None
    collapsed: bool
    targets: tuple[Target, ...]
    melanoma: str | None
    warnings: list[str] = field(default_factory=list)
    intervals: str = "95 %, bootstrap over patients, else lesions"


def analyse(
    predictions: pd.DataFrame,
    classes: ClassTable,
    *,
    split: str,
    class_priors: dict[str, float],
    class_priors_from: str,
    calibrate: bool = True,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Report:
    """Measure one split of a predictions frame, calibrating on its val rows where there are any.

    Args:
        predictions: as `read_predictions` returns it, all splits.
        classes: what its classes are.
        split: the split to report.
        class_priors: class shares of the training images by code.
        class_priors_from: where those come from, for the reader.
        calibrate: fit on the val rows; not for probabilities that are calibrated already, as a bundle's.
        resamples: bootstrap resamples.
        seed: of the resampling.

    Raises:
        DataError: the split has no rows, or a prior is missing.
    """
    frame = select_split(predictions, split)
    labels, probs, codes = labels_of(frame), probs_of(frame), codes_of(frame)
    priors = priors_as_vector(class_priors, codes)
    warnings = decision_warnings(labels, probs, codes)
    if unseen := [code for code, prior in zip(codes, priors, strict=True) if not prior]:
        warnings.append(
            f"has no training image of {', '.join(unseen)}, and no prior-corrected decision names it"
        )
    calibrated = None
    try:
        if calibrate:
            calibrated = _calibrate(predictions, classes, split, priors, resamples=resamples, seed=seed)
    except DataError as error:
        warnings.append(f"was not calibrated: {str(error).removesuffix('.')}")
    return Report(
        split=split,
        n_images=len(frame),
        n_lesions=int(frame["lesion_id"].nunique()),
        classes=_class_counts(frame),
        resamples=resamples,
        seed=seed,
        class_priors=dict(zip(codes, cast(list[float], priors.tolist()), strict=True)),
        class_priors_from=class_priors_from,
        decisions={
            rule: decision_estimates(frame, rule, priors, resamples=resamples, seed=seed)
            for rule in DECISION_RULES
        },
        probabilities=probability_estimates(frame, melanoma=classes.melanoma, resamples=resamples, seed=seed),
        calibrated=calibrated,
        collapsed=is_collapsed(probs),
        targets=tuple(positives(classes, codes)),
        melanoma=classes.melanoma,
        warnings=warnings,
    )


def calibrated_frame(frame: pd.DataFrame, temperature: float) -> pd.DataFrame:
    """The rows with probabilities rescaled by `temperature`."""
    return with_probs(frame, apply_temperature(probs_of(frame), temperature))


def _calibrate(
    predictions: pd.DataFrame,
    classes: ClassTable,
    split: str,
    priors: NDArray[np.float64],
    *,
    resamples: int,
    seed: int,
) -> Calibrated:
    if split == FIT_SPLIT:
        raise DataError(
            f"{FIT_SPLIT} is what calibration is fitted on; report another split for its figures."
        )
    fit, frame = select_split(predictions, FIT_SPLIT), select_split(predictions, split)
    temperature = fit_temperature(labels_of(fit), probs_of(fit))
    fit, frame = calibrated_frame(fit, temperature), calibrated_frame(frame, temperature)
    return Calibrated(
        temperature=temperature,
        n_fit_images=len(fit),
        decision=decision_estimates(frame, "argmax_p_over_prior", priors, resamples=resamples, seed=seed),
        probabilities=probability_estimates(frame, melanoma=classes.melanoma, resamples=resamples, seed=seed),
        operating_points=operating_points(fit, frame, classes, resamples=resamples, seed=seed),
        conformal=conformal_levels(fit, frame),
    )


def _class_counts(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    of_class = {code: frame[frame["diagnosis"] == code] for code in codes_of(frame)}
    return {
        code: {"images": len(rows), "lesions": int(rows["lesion_id"].nunique())}
        for code, rows in of_class.items()
    }
