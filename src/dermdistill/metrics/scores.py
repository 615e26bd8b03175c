"""Every score, for many weightings of the same images at once.

`weights` `[resamples, n]` says how often an image counts. A bootstrap resample is a row of counts. The score
itself is a row of ones, the default. Each function gives an array `[resamples]`, or several by name. A score
that a row cannot give is NaN. A mean over classes runs over the classes that the row holds. So a thousand
resamples are a few matrix products. Tests compare each score with scikit-learn's.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Values = dict[str, Array]

ECE_BINS = 15
# Means of absolute differences: noise adds to them, so resampling, which adds noise, makes them larger.
BIASED_UPWARDS = frozenset({"ece", "classwise_ece"})
SCREENING_SENSITIVITY = 0.95
# Where scikit-learn's log_loss cuts, too: a certain and wrong answer costs 36 nats, not infinity.
_LEAST = float(np.finfo(np.float64).eps)


def decision_figures(codes: Sequence[str]) -> tuple[str, ...]:
    """Names of what `decision_metrics` gives."""
    by_class = (f"{name}_{code}" for name in ("sensitivity", "specificity", "precision") for code in codes)
    return ("accuracy", "balanced_accuracy", "macro_f1", *by_class)


def decision_metrics(
    labels: NDArray[np.intp],
    decided: NDArray[np.intp],
    codes: Sequence[str],
    weights: Array | None = None,
) -> Values:
    """Accuracy, balanced accuracy, macro-F1 and each class's sensitivity, specificity, precision, 0 to 1.

    Args:
        labels: true classes `[n]`.
        decided: chosen classes `[n]`.
        codes: of the classes, for the names of figures.
        weights: `[resamples, n]`.
    """
    matrix = confusion(labels, decided, len(codes), weights)
    true, chosen = matrix.sum(axis=2), matrix.sum(axis=1)
    hit = np.diagonal(matrix, axis1=1, axis2=2)
    total = matrix.sum(axis=(1, 2))
    sensitivity = _ratio(hit, true)
    f1 = np.where(true > 0, _ratio(2 * hit, true + chosen), np.nan)
    values = {
        "accuracy": _ratio(hit.sum(axis=1), total),
        "balanced_accuracy": _mean_defined(sensitivity),
        "macro_f1": _mean_defined(f1),
    }
    by_class = {
        "sensitivity": sensitivity,
        "specificity": _ratio(total[:, None] - true - chosen + hit, total[:, None] - true),
        "precision": _ratio(hit, chosen),
    }
    return values | {
        f"{name}_{code}": table[:, k] for name, table in by_class.items() for k, code in enumerate(codes)
    }


def probability_metrics(
    labels: NDArray[np.intp],
    probs: Array,
    codes: Sequence[str],
    weights: Array | None = None,
    *,
    melanoma: str | None = None,
) -> Values:
    """AUCs (one class against the rest), ECE, class-wise ECE, Brier score, NLL and screening specificity.

    Args:
        labels: true classes `[n]`.
        probs: `[n, classes]`, rows sum to 1.
        codes: of the classes, for the names of figures.
        weights: `[resamples, n]`.
        melanoma: code of the class that is melanoma, for the figures about it; None where none is.
    """
    rows = _rows(weights, len(labels))
    total = rows.sum(axis=1)
    one_hot = np.eye(len(codes))[labels]
    aucs = np.stack([auc(labels == k, probs[:, k], rows) for k in range(len(codes))], axis=1)
    classwise = [binned_error(probs[:, k], labels == k, rows) for k in range(len(codes))]
    of_label = np.maximum(probs[np.arange(len(labels)), labels], _LEAST)
    about_melanoma: Values = {}
    if melanoma is not None:
        k = codes.index(melanoma)
        about_melanoma = {
            "melanoma_auc": aucs[:, k],
            "specificity_at_95_melanoma_sensitivity": specificity_at_sensitivity(
                labels == k, probs[:, k], SCREENING_SENSITIVITY, rows
            ),
        }
    values = {
        "macro_auc": _mean_defined(aucs),
        **about_melanoma,
        "ece": binned_error(probs.max(axis=1), probs.argmax(axis=1) == labels, rows),
        "classwise_ece": np.mean(classwise, axis=0),
        "brier": _ratio(rows @ np.sum((probs - one_hot) ** 2, axis=1), total),
        "nll": _ratio(rows @ -np.log(of_label), total),
    }
    return values | {f"auc_{code}": aucs[:, k] for k, code in enumerate(codes)}


def confusion(
    labels: NDArray[np.intp], decided: NDArray[np.intp], count: int, weights: Array | None = None
) -> Array:
    """Confusion matrices `[resamples, true, decided]` of weighted counts, of `count` classes."""
    cells = np.eye(count**2)[labels * count + decided]
    counts = _rows(weights, len(labels)) @ cells
    return np.asarray(counts.reshape(-1, count, count), np.float64)


def auc(positive: NDArray[np.bool_], score: Array, weights: Array | None = None) -> Array:
    """Area under the ROC curve `[resamples]`: weighted share of pairs in order, ties counting one half."""
    true, false = _by_descending_score(positive, score, _rows(weights, len(score)))
    below = false.sum(axis=1, keepdims=True) - np.cumsum(false, axis=1)
    pairs = true.sum(axis=1) * false.sum(axis=1)
    return _ratio((true * (below + false / 2)).sum(axis=1), pairs)


def specificity_at_sensitivity(
    positive: NDArray[np.bool_], score: Array, sensitivity: float, weights: Array | None = None
) -> Array:
    """Best specificity `[resamples]` among the thresholds that reach `sensitivity` in that row."""
    true, false = _by_descending_score(positive, score, _rows(weights, len(score)))
    reached = np.cumsum(true, axis=1) >= sensitivity * true.sum(axis=1, keepdims=True) - 1e-9
    first = reached.argmax(axis=1)
    above = np.cumsum(false, axis=1)[np.arange(len(false)), first]
    specificity = 1 - _ratio(above, false.sum(axis=1))
    return np.where(true.sum(axis=1) > 0, specificity, np.nan)


def sensitivity_at_specificity(
    positive: NDArray[np.bool_], score: Array, specificity: float, weights: Array | None = None
) -> Array:
    """Best sensitivity `[resamples]` among the thresholds that keep `specificity` in that row."""
    true, false = _by_descending_score(positive, score, _rows(weights, len(score)))
    total = false.sum(axis=1, keepdims=True)
    kept = np.cumsum(false, axis=1) <= (1 - specificity) * total + 1e-9
    reached = np.where(kept, np.cumsum(true, axis=1), 0).max(axis=1)
    return _ratio(reached, true.sum(axis=1))


def binned_error(
    confidence: Array, happened: NDArray[np.bool_], weights: Array | None = None, bins: int = ECE_BINS
) -> Array:
    """Expected calibration error `[resamples]`: mean |confidence - frequency| over bins of equal width.

    Source: Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599 (15 bins).
    """
    rows = _rows(weights, len(confidence))
    gaps = np.zeros((len(confidence), bins))
    gaps[np.arange(len(confidence)), bin_of(confidence, bins)] = confidence - happened
    return _ratio(np.abs(rows @ gaps).sum(axis=1), rows.sum(axis=1))


def share(part: NDArray[np.bool_], whole: NDArray[np.bool_], weights: Array | None = None) -> Array:
    """Weighted share `[resamples]`, 0 to 1, of the images `whole` `[n]` that are in `part` `[n]`, too."""
    rows = _rows(weights, len(whole))
    return _ratio(rows @ part, rows @ whole)


def bin_of(confidence: NDArray[np.floating], bins: int = ECE_BINS) -> NDArray[np.intp]:
    """Equal-width bin `[n]` of each confidence between 0 and 1; bins are open below and closed above."""
    return np.asarray(np.clip(np.ceil(confidence * bins).astype(np.intp) - 1, 0, bins - 1), np.intp)


def _rows(weights: Array | None, count: int) -> Array:
    return np.ones((1, count)) if weights is None else weights


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
