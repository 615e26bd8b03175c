"""Class shares: what a probability follows, and what it is divided by to decide for balanced accuracy."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.errors import DataError
from dermdistill.metrics.predictions import FIT_SPLIT, codes_of, labels_in


def priors_from_labels(labels: NDArray[np.intp], count: int) -> NDArray[np.float64]:
    """Shares `[count]` of the classes among labels `[n]`; half an image is added to each class that is there.

    A class without an image has the share 0: nothing was learned of it, and no decision may favour it.
    """
    counts = np.bincount(labels, minlength=count).astype(np.float64)
    counts[counts > 0] += 0.5
    return np.asarray(counts / counts.sum(), np.float64)


def training_priors(splits: pd.DataFrame, codes: Sequence[str]) -> dict[str, float]:
    """Class shares of the train images of a splits table, by code; 0 for a class that training never saw.

    Raises:
        DataError: there are no train images of these classes.
    """
    return _shares(splits[splits["split"] == "train"], codes, "the train split")


def find_priors(predictions: pd.DataFrame, splits: pd.DataFrame | None) -> tuple[dict[str, float], str]:
    """Class shares and where they come from: the train split, else what the predictions themselves hold.

    Raises:
        DataError: the splits table has no train images.
    """
    codes = codes_of(predictions)
    if splits is not None:
        return training_priors(splits, codes), "the train split"
    fit = predictions[predictions["split"] == FIT_SPLIT]
    if len(fit):
        return _shares(fit, codes, "the val rows"), "the val rows, as no splits file was given"
    return (
        _shares(predictions, codes, "the predictions"),
        "the measured rows themselves, as no splits file was given",
    )


def _shares(frame: pd.DataFrame, codes: Sequence[str], name: str) -> dict[str, float]:
    labels = labels_in(codes, frame["diagnosis"])
    known = labels[labels >= 0]
    if not len(known):
        raise DataError(
            f"{name} holds no images of {', '.join(codes)}; make the split again with "
            "`dermdistill data split`."
        )
    return dict(zip(codes, priors_from_labels(known, len(codes)).tolist(), strict=True))
