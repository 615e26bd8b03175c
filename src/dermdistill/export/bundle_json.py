"""bundle.json while it grows: first what can run but claims nothing, then with what was measured."""

import math
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from dermdistill.bundle import (
    BundleSpec,
    CautiousPoint,
    Conformal,
    ConformalLevel,
    Interval,
    Metrics,
    OperatingPoint,
    OutputSpec,
    Parity,
    Training,
    class_specs,
    make_self_test,
    write_bundle,
)
from dermdistill.data.study import Study
from dermdistill.evaluate.report.analyse import Report
from dermdistill.export.formats import litert
from dermdistill.export.formats.variants import SELF_TEST_TOLERANCE
from dermdistill.export.provenance import licence_of
from dermdistill.export.settings import Settings
from dermdistill.inference import load_bundle
from dermdistill.inference.self_test import self_test_answer
from dermdistill.metrics import conformal, thresholds
from dermdistill.metrics.bootstrap import Estimate
from dermdistill.metrics.decisions import DecisionRule
from dermdistill.metrics.predictions import FIT_SPLIT


def draft_bundle(
    training: Training,
    model: Any,
    model_bytes: bytes,
    settings: Settings,
    study: Study,
) -> BundleSpec:
    """A bundle that can run but claims nothing yet but its self-test: what the file itself answers."""
    size = int(model.input_shape[1])
    outputs = model.predict_on_batch(np.zeros((1, size, size, 3), np.uint8))
    self_test = make_self_test(
        lambda images: litert.file_logits(model_bytes, images),
        size=size,
        tolerance=SELF_TEST_TOLERANCE[settings.quantization],
    )
    nothing_measured = Parity(
        split="none",
        n_images=0,
        max_abs_logit_difference=0,
        max_abs_probability_difference=0,
        top1_agreement=0,
    )
    return BundleSpec.model_validate(
        {
            "name": settings.name,
            "version": settings.version,
            "created": datetime.now(UTC).replace(microsecond=0),
            "licences": {"weights": licence_of(training.datasets), "code": "Apache-2.0"},
            "class_table": study.classes.name,
            "classes": class_specs(study.classes),
            "melanoma": study.classes.melanoma,
            "quantization": settings.quantization,
            "input": {"size": size, "quarter_turns": settings.quarter_turns},
            "outputs": {name: OutputSpec(shape=list(value.shape[1:])) for name, value in outputs.items()},
            "class_priors": study.priors,
            "decision": settings.decision,
            "parity": nothing_measured,
            "self_test": self_test,
            "training": training,
        }
    )


def with_measures(draft: BundleSpec, report: Report, parity: Parity, settings: Settings) -> BundleSpec:
    """The draft with what was fitted and measured: temperature, thresholds, figures, parity."""
    metrics: Metrics = metrics_part(report, settings.decision)
    update: dict[str, object] = {"parity": parity, "metrics": metrics}
    if report.calibrated is not None:
        update |= {
            "temperature": report.calibrated.temperature,
            "operating_points": [
                operating_point(point, report.split) for point in report.calibrated.operating_points
            ],
            "conformal": conformal_part(report.calibrated.conformal),
        }
    return draft.model_copy(update=update)


def with_self_test_answer(spec: BundleSpec, model_bytes: bytes, files: Mapping[str, bytes]) -> BundleSpec:
    """The finished bundle.json with what an engine of it answers to the self-test image.

    Args:
        spec: all else that bundle.json will say.
        model_bytes: contents of the model file.
        files: contents of the other files by name.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder) / spec.name, spec, model_bytes, files)
        score = load_bundle(Path(folder) / spec.name, threads=1).self_test_score()
    return spec.model_copy(update={"self_test_answer": self_test_answer(spec, score)})


def operating_point(point: thresholds.OperatingPoint, split: str) -> OperatingPoint:
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


def _measured(measured: thresholds.Measured) -> dict[str, float | None]:
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
