"""Conformal sets whose promise holds by age and malignancy: Mondrian split conformal sets.

A class-wise set promises its coverage of all melanomas, most of which older people have; of melanomas under
40 it may hold few. Here the calibration images are grouped by the patient's age and by whether the true class
is malignant (or a precursor). Class c is in an image's set when `1 - p[c] <= quantile[age, risk of c]`. Then
the sets hold the true class for a share `coverage` of each such group, if new images resemble the calibration
images. Source: Vovk 2012, arXiv:1209.2673, label- and object-conditional taxonomies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import ClassTable
from dermdistill.metrics.conformal import COVERAGES, fit_quantiles, sets
from dermdistill.metrics.predictions import codes_of, groups_of, labels_of, probs_of

YOUNG = 40
AGES = ("under 40", "40 and over", "unknown age")


def age_groups(age: "pd.Series[float]") -> NDArray[np.object_]:
    """The group in `AGES` of each age in years `[n]`; NaN is unknown."""
    return np.asarray(np.select([age < YOUNG, age >= YOUNG], AGES[:2], AGES[2]), object)


@dataclass(frozen=True)
class MondrianLevel:
    """Quantiles of `1 - p[true]` for one coverage, by age group and whether the class is malignant.

    A quantile of 1, where fewer images were seen than the coverage needs, puts the classes into every set.
    """

    coverage: float
    quantiles: dict[tuple[str, bool], float]

    def sets(
        self, probs: NDArray[np.floating], ages: NDArray[np.object_], malignant: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Which classes are in each image's set `[n, classes]`.

        Args:
            probs: `[n, classes]`.
            ages: group in `AGES` of each image `[n]`.
            malignant: which classes are malignant or precursors `[classes]`.
        """
        limits = np.array([[self.quantiles[age, bool(risk)] for risk in malignant] for age in ages])
        return sets(probs, limits.reshape(probs.shape))


def fit_mondrian(
    labels: NDArray[np.intp],
    probs: NDArray[np.floating],
    ages: NDArray[np.object_],
    malignant: NDArray[np.bool_],
    coverage: float,
) -> MondrianLevel:
    """Quantiles with the finite-sample correction of split conformal prediction.

    Args:
        labels: true classes `[n]`.
        probs: `[n, classes]`, calibrated.
        ages: group in `AGES` of each image `[n]`.
        malignant: which classes are malignant or precursors `[classes]`.
        coverage: asked for, 0 to 1.
    """
    of_label = probs[np.arange(len(labels)), labels]
    quantiles = {}
    for age in AGES:
        for risk in (False, True):
            group = (ages == age) & (malignant[labels] == risk)
            column = of_label[group, None]
            quantiles[age, risk] = float(fit_quantiles(np.zeros(len(column), np.intp), column, coverage)[0])
    return MondrianLevel(coverage, quantiles)


def coverage_frame(
    fit: pd.DataFrame,
    measure: pd.DataFrame,
    ages: "pd.Series[float]",
    classes: ClassTable,
    *,
    coverages: Sequence[float] = COVERAGES,
) -> pd.DataFrame:
    """Measured coverage of class-wise sets and of sets by age and malignancy, side by side.

    Args:
        fit: predictions with calibrated probabilities to take the quantiles from.
        measure: predictions of other images, of the same classes.
        ages: years by image id; an image without one is of unknown age.
        classes: what the classes are.
        coverages: asked for, 0 to 1.

    Returns:
        A row for each coverage, age group and kind of lesion that `measure` has images of. The kinds are
        `benign`, `malignant`, and the melanoma class by its code. Columns: age, kind, images, groups,
        fit_images, asked; classwise and by_age_and_malignancy, shares of the images whose set holds their
        class; and the same with `_size`, mean classes in a set.
    """
    codes = codes_of(fit)
    malignant = np.isin(codes, classes.malignant)
    fit_labels, labels = labels_of(fit), labels_of(measure)
    fit_ages, of_age = (age_groups(frame["image_id"].map(ages)) for frame in (fit, measure))
    groups = groups_of(measure).to_numpy()
    kinds = {
        "benign": (~malignant[fit_labels], ~malignant[labels]),
        "malignant": (malignant[fit_labels], malignant[labels]),
    }
    if classes.melanoma in codes:
        k = codes.index(str(classes.melanoma))
        kinds[codes[k]] = (fit_labels == k, labels == k)
    rows = []
    for coverage in coverages:
        level = fit_mondrian(fit_labels, probs_of(fit), fit_ages, malignant, coverage)
        classwise = sets(probs_of(measure), fit_quantiles(fit_labels, probs_of(fit), coverage))
        mondrian = level.sets(probs_of(measure), of_age, malignant)
        for age in AGES:
            for kind, (fitted, measured) in kinds.items():
                part = measured & (of_age == age)
                if not part.any():
                    continue
                true = np.flatnonzero(part), labels[part]
                rows.append(
                    {
                        "age": age,
                        "kind": kind,
                        "images": int(part.sum()),
                        "groups": len(set(groups[part])),
                        "fit_images": int((fitted & (fit_ages == age)).sum()),
                        "asked": coverage,
                        "classwise": float(classwise[true].mean()),
                        "by_age_and_malignancy": float(mondrian[true].mean()),
                        "classwise_size": float(classwise[part].sum(axis=1).mean()),
                        "by_age_and_malignancy_size": float(mondrian[part].sum(axis=1).mean()),
                    }
                )
    return pd.DataFrame(rows)
