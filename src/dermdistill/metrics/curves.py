"""ROC and precision-recall of one score, over all thresholds, with pointwise 95 % bands over lesions.

A band holds at each place of the horizontal axis by itself, not for the whole curve at once. The area under
precision-recall is the average precision, a sum without interpolation (Davis, Goadrich 2006).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdistill.metrics.bootstrap import Estimate, estimates

# Places of the horizontal axis, false positive rate or recall, at which a band is given.
PLACES = np.linspace(0, 1, 201)
_CHUNK = 100  # resamples held at once


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve at `PLACES`, and the area under it.

    Attributes:
        value: `[places]`, 0-1; NaN where there is no positive or no negative image.
        low: lower end of the band, as `value`.
        high: its upper end.
        area: under the curve, with its interval.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    area: Estimate


def curves(
    positive: NDArray[np.bool_], score: NDArray[np.floating], weights: NDArray[np.float64]
) -> tuple[Curve, Curve]:
    """The ROC curve and the precision-recall curve of calling images positive by `score >= threshold`.

    Args:
        positive: `[n]`, whether an image is of the target.
        score: `[n]`, higher for what is more likely so.
        weights: `[resamples, n]`, see `bootstrap.lesion_weights`.
    """
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)  # images of one score go together
    hits = positive[order]
    roc, recall = _both(np.ones((1, len(score))), order, hits, ends)
    parts = [
        _both(weights[start : start + _CHUNK], order, hits, ends) for start in range(0, len(weights), _CHUNK)
    ]
    spreads = (np.concatenate([part[which] for part in parts]) for which in (0, 1))
    first, second = (_curve(value[0], spread) for value, spread in zip((roc, recall), spreads, strict=True))
    return first, second


def _both(
    weights: NDArray[np.float64], order: NDArray[np.intp], hits: NDArray[np.bool_], ends: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both curves of each row of weights: `[rows, places + 1]`, the area last."""
    drawn = weights[:, order]
    found = np.cumsum(drawn * hits, axis=1)[:, ends]
    false = np.cumsum(drawn * ~hits, axis=1)[:, ends]
    rows = [_row(*of_row) for of_row in zip(found, false, strict=True)]
    return np.array([roc for roc, _ in rows]), np.array([recall for _, recall in rows])


def _row(
    found: NDArray[np.float64], false: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    nothing = np.full(len(PLACES) + 1, np.nan)
    if not found[-1] or not false[-1]:
        return nothing, nothing
    recall, false_rate = found / found[-1], false / false[-1]
    precision = found / np.maximum(found + false, np.finfo(float).tiny)
    across, up = np.concatenate([[0], false_rate]), np.concatenate([[0], recall])
    roc = np.append(np.interp(PLACES, across, up), np.trapezoid(up, across))
    reached = np.minimum(np.searchsorted(recall, PLACES - 1e-12), len(recall) - 1)
    average = float(np.sum(np.diff(recall, prepend=0) * precision))
    return roc, np.append(precision[reached], average)


def _curve(value: NDArray[np.float64], spread: NDArray[np.float64]) -> Curve:
    if np.isnan(value[-1]):
        nothing = np.full(len(PLACES), np.nan)
        return Curve(nothing, nothing, nothing, Estimate(np.nan, np.nan, np.nan))
    low, high = np.nanpercentile(spread[:, :-1], [2.5, 97.5], axis=0)
    area = estimates({"area": float(value[-1])}, {"area": spread[:, -1]})["area"]
    return Curve(value[:-1], np.minimum(low, value[:-1]), np.maximum(high, value[:-1]), area)
