"""A threshold that keeps its sensitivity on new lesions with a stated confidence, not only on those it saw.

The highest threshold that reaches a sensitivity on the images it is fitted on misses it on new ones half of
the time. Here each positive lesion counts once, by the lowest score among its images, and the threshold is
the k-th lowest of these n. The share of new lesions below it then follows a Beta(k, n - k + 1), whatever the
scores' distribution, so the sensitivity `s` is kept with probability `P(Binomial(n, 1 - s) >= k)`; k is the
largest that makes this at least the confidence (Wilks 1941; Vovk 2012, arXiv:1209.2673). New lesions must
resemble those seen.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binom

from dermdistill.errors import DataError

CONFIDENCE = 0.90


@dataclass(frozen=True)
class CautiousThreshold:
    """Refer when `score >= threshold`; `confidence` that new lesions see the sensitivity asked for.

    Below `CONFIDENCE` where there are too few of the `n_lesions`: then it is the lowest score seen.
    """

    threshold: float
    confidence: float
    n_lesions: int


def cautious_threshold(
    positive: NDArray[np.bool_],
    score: NDArray[np.floating],
    lesion_ids: pd.Series,
    sensitivity: float,
    *,
    confidence: float = CONFIDENCE,
) -> CautiousThreshold:
    """Fit on images `[n]`: which are positive, their scores and lesions.

    Raises:
        DataError: there is no positive image.
    """
    if not positive.any():
        raise DataError("no validation image is positive, so no threshold can be fitted; use another split.")
    lowest = np.sort(pd.Series(score[positive]).groupby(lesion_ids.to_numpy()[positive]).min().to_numpy())
    ranks = np.arange(1, len(lowest) + 1)
    kept = binom.sf(ranks - 1, len(lowest), 1 - sensitivity)
    rank = max(int((kept >= confidence).sum()), 1)
    return CautiousThreshold(float(lowest[rank - 1]), float(kept[rank - 1]), len(lowest))
