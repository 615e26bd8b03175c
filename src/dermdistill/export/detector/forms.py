"""Which distance and how many components a detector has: those that do best on a clinic it has not seen.

Over one source the detector keeps the form of decision 7. Over several, each source of dermoscopic pictures
is left out in turn: at the threshold that refuses `MOST_REFUSED` of its val lesions, the form counts that
refuses most drawn pictures, in the mean. Photographs and the test split take no part, so that figures on them
stay honest (docs/decisions/0023-a-detector-over-all-sources.md).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.export.detector.space import DIMS, Distance, fit_space

MOST_REFUSED = 0.04


@dataclass(frozen=True)
class Form:
    """A distance and a number of principal components."""

    distance: Distance
    dims: int


OF_ONE_SOURCE = Form("residual_per_length", DIMS)
FORMS = tuple(
    Form(distance, dims)
    for dims in (32, 64, 96, 128, DIMS)
    for distance in ("residual", "residual_per_length")
)


def choose_form(
    train: pd.DataFrame,
    train_embeddings: NDArray[np.floating],
    val: pd.DataFrame,
    val_embeddings: NDArray[np.floating],
    drawn: NDArray[np.floating],
) -> Form:
    """The form that refuses most drawn pictures where 4 % of the lesions of a new source may be refused.

    Args:
        train: `source`, `picture` and `diagnosis` of the training images.
        train_embeddings: `[n, f]`.
        val: the same and `lesion_id` of the val images.
        val_embeddings: `[m, f]`.
        drawn: embeddings `[k, f]` of drawn pictures that show no skin.
    """
    shares: list[list[float]] = []
    for source in sorted(train.loc[train["picture"] == "dermoscopic", "source"].unique()):
        others = (train["source"] != source).to_numpy()
        asked = ((val["source"] == source) & (val["picture"] == "dermoscopic")).to_numpy()
        if others.any() and asked.any():
            space = fit_space(train_embeddings[others], train[others], dims=max(form.dims for form in FORMS))
            lesions = val.loc[asked, "lesion_id"].to_numpy()
            shares.append([])
            for form in FORMS:
                detector = space.of_form(form.distance, form.dims)
                distances = pd.Series(detector.distances(val_embeddings[asked]))
                limit = np.quantile(distances.groupby(lesions).max(), 1 - MOST_REFUSED)
                shares[-1].append(float((detector.distances(drawn) > limit).mean()))
    if not shares:
        return OF_ONE_SOURCE
    return FORMS[int(np.argmax(np.mean(shares, axis=0)))]
