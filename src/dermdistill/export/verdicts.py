"""What a report learned on validation, as the parts of bundle.json that the engine and the browser apply."""

import math

from dermdistill.bundle import CautiousPoint, Conformal, ConformalLevel, Interval, Metrics, OperatingPoint
from dermdistill.evaluate import conformal, operating_points
from dermdistill.evaluate.bootstrap import Estimate
from dermdistill.evaluate.decisions import DecisionRule
from dermdistill.evaluate.report import FIT_SPLIT, Report


def operating_point(point: operating_points.OperatingPoint, split: str) -> OperatingPoint:
    """Both thresholds with what `split` gave; figures that cannot be given are left out."""
    cautious = CautiousPoint(
        threshold=point.cautious.threshold,
        confidence=point.cautious.confidence,
        n_lesions=point.cautious.n_lesions,
        **_measured(point.cautious_measured),
    )
    return OperatingPoint(
        target=point.target,
        sensitivity=point.asked_sensitivity,
        threshold=point.threshold,
        split=split,
        prevalence=point.prevalence,
        **_measured(point.measured),
        cautious=cautious,
    )


def _measured(measured: operating_points.Measured) -> dict[str, float | None]:
    return {
        "measured_sensitivity": _or_none(measured.sensitivity.value),
        "measured_specificity": _or_none(measured.specificity.value),
        "positive_predictive_value": _or_none(measured.positive_predictive_value),
        "negative_predictive_value": _or_none(measured.negative_predictive_value),
    }


def conformal_part(levels: list[conformal.ConformalLevel]) -> Conformal:
    """Quantiles by class; a class with too few calibration images has quantile 1 and is in every set."""
    return Conformal(
        split=FIT_SPLIT,
        n_calibration=levels[0].n_images,
        levels=[
            ConformalLevel(
                coverage=level.coverage,
                quantiles=level.quantiles,
                measured_coverage={code: p for code, p in level.measured.items() if not math.isnan(p)},
                enough=level.enough,
                mean_set_size=_short(level.mean_set_size),
            )
            for level in levels
        ],
    )


def metrics_part(report: Report, rule: DecisionRule) -> Metrics:
    """The report's figures of what the bundle does: scaled probabilities, decided by its rule.

    Plain argmax, which scaling does not change, is kept beside it as `<figure>_argmax_p`.
    """
    plain = report.decisions["argmax_p"]
    values: dict[str, Estimate]
    if report.calibrated is None:
        values = {**report.decisions[rule], **report.probabilities}
    else:
        decided = report.calibrated.decision if rule == "argmax_p_over_prior" else plain
        values = {**decided, **report.calibrated.probabilities}
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        values[f"{name}_argmax_p"] = plain[name]
    return Metrics(
        split=report.split,
        n_images=report.n_images,
        n_lesions=report.n_lesions,
        values={name: _interval(value) for name, value in values.items() if not math.isnan(value.value)},
    )


def _interval(estimate: Estimate) -> Interval:
    low, high = _or_none(estimate.low), _or_none(estimate.high)
    return Interval(
        value=_short(estimate.value),
        low=None if low is None else _short(low),
        high=None if high is None else _short(high),
    )


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else _short(value)
