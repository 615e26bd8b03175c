"""bundle.json while it grows: first what can run but claims nothing, then with what was measured."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from dermdistill.bundle import BundleSpec, Metrics, OutputSpec, Parity, Training, make_self_test
from dermdistill.evaluate.report import Report
from dermdistill.export import litert
from dermdistill.export.settings import Settings
from dermdistill.export.variants import SELF_TEST_TOLERANCE
from dermdistill.export.verdicts import conformal_part, metrics_part, operating_point


def draft_bundle(
    training: Training, model: Any, model_bytes: bytes, settings: Settings, priors: dict[str, float]
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
            "licences": {"weights": settings.weights_licence, "code": "Apache-2.0"},
            "quantization": settings.quantization,
            "input": {"size": size, "quarter_turns": settings.quarter_turns},
            "outputs": {name: OutputSpec(shape=list(value.shape[1:])) for name, value in outputs.items()},
            "class_priors": priors,
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
