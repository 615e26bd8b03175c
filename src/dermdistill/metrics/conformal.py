"""Class-conditional split-conformal sets: per class, the quantile of 1 - p(true class) on validation images.

Class c is in an image's set when `1 - p[c] <= quantile[c]`. Then the sets hold the true class for a share
`coverage` of each class's images, if these resemble the validation images. Source: Sadinle, Lei, Wasserman
2019, arXiv:1609.00451. Images of one lesion resemble each other, so the guarantee is honest per lesion only;
`enough` therefore counts lesions.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.constants import CONSTANTS
from dermdistill.metrics.predictions import codes_of, labels_of, probs_of

COVERAGES = (0.90, 0.95)
# How far a class's measured coverage may lie from the asked one.
TOLERANCE: float = CONSTANTS["conformal"]["measured_coverage_tolerance"]


@dataclass(frozen=True)
class ConformalLevel:
    """Quantiles for one coverage and what they gave on the measured split, by class code.

    A quantile of 1 puts the class into every set. It stands where fewer images were seen than the coverage
    needs: 9 for 90 %, 19 for 95 %. `measured` is NaN without images. `chance` is how far it moves a measured
    coverage, on both splits together: one standard error.
    """

    coverage: float
    quantiles: dict[str, float]
    n_images: dict[str, int]
    n_lesions: dict[str, int]
    chance: dict[str, float]
    measured: dict[str, float]
    mean_set_size: float

    @property
    def enough(self) -> dict[str, bool]:
        """Of which classes there are lesions enough to speak of `TOLERANCE`."""
        return {code: error <= TOLERANCE for code, error in self.chance.items()}


def fit_quantiles(
    labels: NDArray[np.intp], probs: NDArray[np.floating], coverage: float
) -> NDArray[np.float64]:
    """Quantile `[classes]` of `1 - p[true]` with the finite-sample correction; 1 with too few images."""
    quantiles = np.ones(probs.shape[1])
    for k in range(probs.shape[1]):
        nonconformity = np.sort(1 - probs[labels == k, k])
        rank = int(np.ceil((len(nonconformity) + 1) * coverage - 1e-9))
        if rank <= len(nonconformity):
            quantiles[k] = nonconformity[rank - 1]
    return quantiles


def sets(probs: NDArray[np.floating], quantiles: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which classes are in each image's set `[n, classes]`."""
    return np.asarray(1 - probs <= quantiles, np.bool_)


def chance(coverage: float, fit_lesions: int, measured_lesions: int) -> float:
    """Standard error of a measured coverage: of the fitted quantile, and of the share that is measured."""
    if not fit_lesions or not measured_lesions:
        return float("inf")
    return float(np.sqrt(coverage * (1 - coverage) * (1 / fit_lesions + 1 / measured_lesions)))


def conformal_levels(
    fit: pd.DataFrame, measure: pd.DataFrame, *, coverages: tuple[float, ...] = COVERAGES
) -> list[ConformalLevel]:
    """Fit on one predictions frame with calibrated probabilities, measure on another."""
    return [_level(fit, measure, coverage) for coverage in coverages]


def _level(fit: pd.DataFrame, measure: pd.DataFrame, coverage: float) -> ConformalLevel:
    codes = codes_of(fit)
    quantiles = fit_quantiles(labels_of(fit), probs_of(fit), coverage)
    labels, inside = labels_of(measure), sets(probs_of(measure), quantiles)
    hit = inside[np.arange(len(labels)), labels]
    images = fit["diagnosis"].value_counts()
    lesions = fit.groupby("diagnosis")["lesion_id"].nunique()
    seen = measure.groupby("diagnosis")["lesion_id"].nunique()
    return ConformalLevel(
        coverage=coverage,
        quantiles={code: float(quantiles[k]) for k, code in enumerate(codes)},
        n_images={code: int(images.get(code, 0)) for code in codes},
        n_lesions={code: int(lesions.get(code, 0)) for code in codes},
        chance={code: chance(coverage, int(lesions.get(code, 0)), int(seen.get(code, 0))) for code in codes},
        measured={
            code: float(hit[labels == k].mean()) if (labels == k).any() else float("nan")
            for k, code in enumerate(codes)
        },
        mean_set_size=float(inside.sum(axis=1).mean()),
    )
