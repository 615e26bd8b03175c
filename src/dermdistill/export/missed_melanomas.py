"""How many of 100 melanomas the assessment answers with "no sign of danger", at each operating point."""

import numpy as np
import pandas as pd

from dermdistill.bundle import BundleSpec, MissedMelanomas
from dermdistill.inference.assessment import assess
from dermdistill.inference.finding import finding_of
from dermdistill.inference.operating_point import sensitivities, thresholds_at
from dermdistill.inference.probabilities import calibrate, decide
from dermdistill.metrics.predictions import codes_of, probs_of
from dermdistill.metrics.proportion import clopper_pearson


def with_missed_melanomas(spec: BundleSpec, predictions: pd.DataFrame, split: str) -> BundleSpec:
    """The bundle with what was measured in each operating point; unchanged without a melanoma to measure on.

    Args:
        spec: with temperature, operating points and conformal sets.
        predictions: uncalibrated, of the file that ships.
        split: which of them to measure on; nothing may have been fitted on it.
    """
    rows = predictions[(predictions["split"] == split) & (predictions["diagnosis"] == spec.melanoma)]
    if rows.empty:
        return spec
    measured = {asked: _measure(spec, rows, split, asked) for asked in sensitivities(spec)}
    points = [
        point.model_copy(update={"missed_melanomas": measured[point.sensitivity]})
        for point in spec.operating_points
    ]
    return spec.model_copy(update={"operating_points": points})


def _measure(spec: BundleSpec, melanomas: pd.DataFrame, split: str, sensitivity: float) -> MissedMelanomas:
    """Count lesions, each missed as soon as one of its images is."""
    thresholds = thresholds_at(spec, sensitivity)
    order = [codes_of(melanomas).index(code) for code in spec.codes]
    logits = np.log(np.maximum(probs_of(melanomas)[:, order], 1e-12)).astype(np.float32)
    probs = calibrate(logits, spec.temperature)
    missed = []
    for row in probs:
        by_code = {code: float(p) for code, p in zip(spec.codes, row, strict=True)}
        finding = finding_of(spec, by_code, spec.codes[decide(row, spec)])
        missed.append(assess(finding, thresholds).level == "no_sign")
    by_lesion = pd.Series(missed).groupby(melanomas["lesion_id"].to_numpy()).any()
    found, total = int(by_lesion.sum()), len(by_lesion)
    low, high = clopper_pearson(found, total)
    return MissedMelanomas(
        split=split,
        n_lesions=total,
        missed=found,
        per_100=round(100 * found / total, 4),
        low=round(100 * low, 4),
        high=round(100 * high, 4),
    )
