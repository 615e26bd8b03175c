"""The tables behind ROC and precision-recall curves: of each class, and of what is referred."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from dermdistill.metrics.bootstrap import Estimate
from dermdistill.metrics.curves import PLACES, curves
from dermdistill.metrics.thresholds import OperatingPoint, Target, is_positive, scores

_AREA = ("area", "area_low", "area_high")
REFERRAL = [
    "target",
    "curve",
    "kind",
    "threshold",
    "x",
    "value",
    "low",
    "high",
    *_AREA,
    "share",
    "sensitivity",
]


def roc_frame(
    labels: NDArray[np.intp],
    probs: NDArray[np.floating],
    codes: Sequence[str],
    areas: Mapping[str, Estimate],
) -> pd.DataFrame:
    """Corners of each class's ROC curve, one against the rest, and the area under it.

    The first threshold of a curve is infinite: nothing is called positive. Classes without an image, or
    without any other, have no curve. `areas` holds the figure `auc_CODE` of each class.
    """
    parts = []
    for k, code in enumerate(codes):
        positive = labels == k
        if positive.any() and not positive.all():
            false_rate, true_rate, threshold = roc_curve(positive, probs[:, k])
            corners = {"threshold": threshold, "false_positive_rate": false_rate, "sensitivity": true_rate}
            parts.append(pd.DataFrame({"diagnosis": code, **corners, **_area(areas[f"auc_{code}"])}))
    columns = ["diagnosis", "threshold", "false_positive_rate", "sensitivity", *_AREA]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def precision_recall_frame(
    labels: NDArray[np.intp],
    probs: NDArray[np.floating],
    codes: Sequence[str],
    weights: NDArray[np.float64],
) -> pd.DataFrame:
    """Corners of each class's precision-recall curve, its average precision, and the class's share.

    The last corner of a curve, recall 0, has no threshold. `weights` are of `bootstrap.lesion_weights`.
    """
    parts = []
    for k, code in enumerate(codes):
        positive = labels == k
        if positive.any() and not positive.all():
            precision, recall, threshold = precision_recall_curve(positive, probs[:, k])
            _, curve = curves(positive, probs[:, k], weights)
            corners = {"threshold": np.append(threshold, np.nan), "recall": recall, "precision": precision}
            part = pd.DataFrame({"diagnosis": code, **corners, **_area(curve.area)})
            parts.append(part.assign(share=positive.mean()))
    columns = ["diagnosis", "threshold", "recall", "precision", *_AREA, "share"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def referral_frame(
    labels: NDArray[np.intp],
    probs: NDArray[np.floating],
    targets: Mapping[Target, Sequence[int]],
    points: Sequence[OperatingPoint],
    weights: NDArray[np.float64],
) -> pd.DataFrame:
    """Both curves of each target with their bands, and where the operating points lie on them.

    Columns `REFERRAL`. `curve` is roc or precision_recall, `x` its false positive rate or recall, `value` its
    sensitivity or precision, `share` that of positive images. `kind` is curve, or of an operating point plain
    or cautious; `sensitivity` is then the one that was asked for.
    """
    rows: list[tuple[object, ...]] = []
    for target, columns in targets.items():
        positive, score = is_positive(labels, columns), scores(probs, columns)
        share = positive.mean()
        for name, curve in zip(("roc", "precision_recall"), curves(positive, score, weights), strict=True):
            area = (curve.area.value, curve.area.low, curve.area.high)
            for x, *band in zip(PLACES, curve.value, curve.low, curve.high, strict=True):
                rows.append((target, name, "curve", np.nan, x, *band, *area, share, np.nan))
        for point in points:
            if point.target == target:
                rows += _points(point, positive, score)
    return pd.DataFrame(rows, columns=REFERRAL)


def _points(
    point: OperatingPoint, positive: NDArray[np.bool_], score: NDArray[np.float64]
) -> list[tuple[object, ...]]:
    """The plain and the cautious threshold of an operating point, on both curves."""
    rows: list[tuple[object, ...]] = []
    for kind, threshold in (("plain", point.threshold), ("cautious", point.cautious.threshold)):
        called = score >= threshold
        recall, false_rate = called[positive].mean(), called[~positive].mean()
        precision = positive[called].mean() if called.any() else np.nan
        rest = (*[np.nan] * 5, positive.mean(), point.asked_sensitivity)
        rows.append((point.target, "roc", kind, threshold, false_rate, recall, *rest))
        rows.append((point.target, "precision_recall", kind, threshold, recall, precision, *rest))
    return rows


def _area(area: Estimate) -> dict[str, float]:
    return dict(zip(_AREA, (area.value, area.low, area.high), strict=True))
