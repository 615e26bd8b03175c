"""The metrics of `metrics`, for many weightings of the same images at once.

A bootstrap resample is a weight per image (how often it was drawn), so a thousand resamples are one matrix
`weights` `[resamples, n]` and each metric a few matrix products instead of a thousand calls. Every function
returns `{metric: [resamples]}`; a figure that a resample cannot give is NaN, and means over classes run over
the classes that the resample holds. A test holds each equal to `metrics` and to scikit-learn's weights.
"""

import numpy as np
from numpy.typing import NDArray

from dermdistill.evaluate.metrics import ECE_BINS, MELANOMA, SCREENING_SENSITIVITY, bin_of, clipped
from dermdistill.taxonomy import CLASSES, NUM_CLASSES

Array = NDArray[np.float64]
Values = dict[str, Array]


def decision_metrics(labels: NDArray[np.intp], decided: NDArray[np.intp], weights: Array) -> Values:
    """Weighted `metrics.decision_metrics`."""
    cells = np.eye(NUM_CLASSES**2)[labels * NUM_CLASSES + decided]
    matrix = (weights @ cells).reshape(-1, NUM_CLASSES, NUM_CLASSES)
    true, chosen = matrix.sum(axis=2), matrix.sum(axis=1)
    hit = np.diagonal(matrix, axis1=1, axis2=2)
    total = matrix.sum(axis=(1, 2))
    sensitivity = _ratio(hit, true)
    f1 = np.where(true > 0, _ratio(2 * hit, true + chosen), np.nan)
    values = {
        "accuracy": hit.sum(axis=1) / total,
        "balanced_accuracy": _mean_defined(sensitivity),
        "macro_f1": _mean_defined(f1),
    }
    by_class = {
        "sensitivity": sensitivity,
        "specificity": _ratio(total[:, None] - true - chosen + hit, total[:, None] - true),
        "precision": _ratio(hit, chosen),
    }
    return values | {
        f"{name}_{code}": table[:, k] for name, table in by_class.items() for k, code in enumerate(CLASSES)
    }


def probability_metrics(labels: NDArray[np.intp], probs: Array, weights: Array) -> Values:
    """Weighted `metrics.probability_metrics`."""
    total = weights.sum(axis=1)
    one_hot = np.eye(NUM_CLASSES)[labels]
    aucs = np.stack([auc(labels == k, probs[:, k], weights) for k in range(NUM_CLASSES)], axis=1)
    classwise = [binned_error(probs[:, k], labels == k, weights) for k in range(NUM_CLASSES)]
    values = {
        "macro_auc": _mean_defined(aucs),
        "melanoma_auc": aucs[:, MELANOMA],
        "specificity_at_95_melanoma_sensitivity": specificity_at_sensitivity(
            labels == MELANOMA, probs[:, MELANOMA], weights, SCREENING_SENSITIVITY
        ),
        "ece": binned_error(probs.max(axis=1), probs.argmax(axis=1) == labels, weights),
        "classwise_ece": np.mean(classwise, axis=0),
        "brier": weights @ np.sum((probs - one_hot) ** 2, axis=1) / total,
        "nll": weights @ -np.log(clipped(probs)[np.arange(len(labels)), labels]) / total,
    }
    return values | {f"auc_{code}": aucs[:, k] for k, code in enumerate(CLASSES)}


def auc(positive: NDArray[np.bool_], score: Array, weights: Array) -> Array:
    """Area under the ROC curve `[resamples]`: weighted share of pairs in order, ties counting one half."""
    true, false = _by_descending_score(positive, score, weights)
    below = false.sum(axis=1, keepdims=True) - np.cumsum(false, axis=1)
    pairs = true.sum(axis=1) * false.sum(axis=1)
    return _ratio((true * (below + false / 2)).sum(axis=1), pairs)


def specificity_at_sensitivity(
    positive: NDArray[np.bool_], score: Array, weights: Array, sensitivity: float
) -> Array:
    """Best specificity `[resamples]` among the thresholds that reach `sensitivity` in that resample."""
    true, false = _by_descending_score(positive, score, weights)
    reached = np.cumsum(true, axis=1) >= sensitivity * true.sum(axis=1, keepdims=True) - 1e-9
    first = reached.argmax(axis=1)
    above = np.cumsum(false, axis=1)[np.arange(len(weights)), first]
    specificity = 1 - _ratio(above, false.sum(axis=1))
    return np.where(true.sum(axis=1) > 0, specificity, np.nan)


def binned_error(
    confidence: Array, happened: NDArray[np.bool_], weights: Array, bins: int = ECE_BINS
) -> Array:
    """Weighted expected calibration error `[resamples]` over equal-width bins."""
    gaps = np.zeros((len(confidence), bins))
    gaps[np.arange(len(confidence)), bin_of(confidence, bins)] = confidence - happened
    return np.asarray(np.abs(weights @ gaps).sum(axis=1) / weights.sum(axis=1), np.float64)


def _by_descending_score(positive: NDArray[np.bool_], score: Array, weights: Array) -> tuple[Array, Array]:
    """Weight of positives and of negatives at each distinct score, highest first: two `[resamples, m]`."""
    order = np.argsort(-score, kind="stable")
    starts = np.flatnonzero(np.diff(score[order], prepend=np.inf) != 0)
    ordered, side = weights[:, order], positive[order]
    true = np.add.reduceat(ordered * side, starts, axis=1)
    false = np.add.reduceat(ordered * ~side, starts, axis=1)
    return true, false


def _ratio(part: Array, whole: Array) -> Array:
    ratio = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
    return np.asarray(ratio, np.float64)


def _mean_defined(table: Array) -> Array:
    defined = ~np.isnan(table)
    return _ratio(np.where(defined, table, 0).sum(axis=1), defined.sum(axis=1).astype(np.float64))
