"""Class shares: what a probability follows, and what it is divided by to decide for balanced accuracy."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.errors import DataError
from dermdistill.metrics.predictions import FIT_SPLIT, labels_of
from dermdistill.taxonomy import CLASSES, NUM_CLASSES


def priors_from_labels(labels: NDArray[np.intp]) -> NDArray[np.float64]:
    """Class shares `[classes]` of labels `[n]`; half an image is added to each, so that none has prior 0."""
    counts = np.bincount(labels, minlength=NUM_CLASSES) + 0.5
    return np.asarray(counts / counts.sum(), np.float64)


def training_priors(splits: pd.DataFrame) -> dict[str, float]:
    """Class shares of the train images of a splits table, by code.

    Raises:
        DataError: there are no train images.
    """
    return _shares(splits[splits["split"] == "train"], "the train split")


def find_priors(predictions: pd.DataFrame, splits: pd.DataFrame | None) -> tuple[dict[str, float], str]:
    """Class shares and where they come from: the train split, else what the predictions themselves hold.

    Raises:
        DataError: the splits table has no train images.
    """
    if splits is not None:
        return training_priors(splits), "the train split"
    fit = predictions[predictions["split"] == FIT_SPLIT]
    if len(fit):
        return _shares(fit, "the val rows"), "the val rows, as no splits file was given"
    return (
        _shares(predictions, "the predictions"),
        "the measured rows themselves, as no splits file was given",
    )


def _shares(frame: pd.DataFrame, name: str) -> dict[str, float]:
    if frame.empty:
        raise DataError(f"{name} holds no images; make the split again with `dermdistill data split`.")
    return dict(zip(CLASSES, priors_from_labels(labels_of(frame)).tolist(), strict=True))
