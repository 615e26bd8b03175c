"""Metrics of one set of predictions: definitions by scikit-learn where it has them.

`labels` are class positions `[n]`, `probs` calibrated or raw probabilities `[n, 7]`, `decided` chosen
classes `[n]`. A figure that the data cannot give (no image of a class, no prediction of it) is NaN.
Means over classes run over the classes present in `labels`. `resampled` computes the same by weights.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, roc_auc_score, roc_curve

from dermdistill.taxonomy import CLASSES, NUM_CLASSES

ECE_BINS = 15
MELANOMA = CLASSES.index("mel")
SCREENING_SENSITIVITY = 0.95
# Where scikit-learn's log_loss cuts too: a certain and wrong answer costs 36 nats, not infinity.
_LEAST = float(np.finfo(np.float64).eps)


def decision_metrics(labels: NDArray[np.intp], decided: NDArray[np.intp]) -> dict[str, float]:
    """Accuracy, balanced accuracy, macro-F1 and each class's sensitivity, specificity, precision."""
    matrix = confusion(labels, decided)
    true, chosen, hit = matrix.sum(axis=1), matrix.sum(axis=0), np.diag(matrix)
    sensitivity = _ratio(hit, true)
    specificity = _ratio(len(labels) - true - chosen + hit, len(labels) - true)
    precision = _ratio(hit, chosen)
    present = np.flatnonzero(true)
    values = {
        "accuracy": float(accuracy_score(labels, decided)),
        # Not balanced_accuracy_score: it warns when a class is chosen that the sample does not hold.
        "balanced_accuracy": float(sensitivity[present].mean()),
        "macro_f1": float(f1_score(labels, decided, labels=present, average="macro", zero_division=0)),
    }
    for name, by_class in (
        ("sensitivity", sensitivity),
        ("specificity", specificity),
        ("precision", precision),
    ):
        values |= {f"{name}_{code}": float(by_class[k]) for k, code in enumerate(CLASSES)}
    return values


def probability_metrics(labels: NDArray[np.intp], probs: NDArray[np.float64]) -> dict[str, float]:
    """AUCs (one against the rest), ECE, class-wise ECE, Brier score, NLL and screening specificity."""
    by_class = [
        _auc(labels == k, probs[:, k]) if 0 < (labels == k).sum() < len(labels) else np.nan
        for k in range(NUM_CLASSES)
    ]
    defined = [value for value in by_class if not np.isnan(value)]
    one_hot = np.eye(NUM_CLASSES)[labels]
    values = {
        "macro_auc": float(np.mean(defined)) if defined else np.nan,
        "melanoma_auc": by_class[MELANOMA],
        "specificity_at_95_melanoma_sensitivity": specificity_at_sensitivity(
            labels == MELANOMA, probs[:, MELANOMA], SCREENING_SENSITIVITY
        ),
        "ece": binned_error(probs.max(axis=1), probs.argmax(axis=1) == labels),
        "classwise_ece": float(np.mean([binned_error(probs[:, k], labels == k) for k in range(NUM_CLASSES)])),
        "brier": float(np.mean(np.sum((probs - one_hot) ** 2, axis=1))),
        "nll": float(log_loss(labels, probs, labels=list(range(NUM_CLASSES)))),
    }
    return values | {f"auc_{code}": by_class[k] for k, code in enumerate(CLASSES)}


def confusion(labels: NDArray[np.intp], decided: NDArray[np.intp]) -> NDArray[np.intp]:
    """Confusion matrix `[true, decided]` of counts, always 7 by 7."""
    return np.asarray(confusion_matrix(labels, decided, labels=list(range(NUM_CLASSES))), np.intp)


def bin_of(confidence: NDArray[np.floating], bins: int = ECE_BINS) -> NDArray[np.intp]:
    """Equal-width bin `[n]` of each confidence between 0 and 1; bins are open below and closed above."""
    return np.asarray(np.clip(np.ceil(confidence * bins).astype(np.intp) - 1, 0, bins - 1), np.intp)


def binned_error(
    confidence: NDArray[np.floating], happened: NDArray[np.bool_], bins: int = ECE_BINS
) -> float:
    """Expected calibration error: mean |confidence - frequency| over equal-width bins, by bin share.

    Source: Naeini et al. 2015; Guo et al. 2017, arXiv:1706.04599 (15 bins).
    """
    gaps = np.bincount(bin_of(confidence, bins), weights=confidence - happened, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def specificity_at_sensitivity(
    positive: NDArray[np.bool_], score: NDArray[np.floating], sensitivity: float
) -> float:
    """Best specificity among the thresholds that reach `sensitivity`; NaN if a side is empty."""
    if positive.all() or not positive.any():
        return float("nan")
    false_rate, true_rate, _ = roc_curve(positive, score, drop_intermediate=False)
    return float(1 - false_rate[true_rate >= sensitivity - 1e-9].min())


def clipped(probs: NDArray[np.floating]) -> NDArray[np.float64]:
    """Probabilities `[n, 7]` raised to the least that the log-likelihood tells from 0."""
    return np.asarray(np.maximum(probs, _LEAST), np.float64)


def _auc(positive: NDArray[np.bool_], score: NDArray[np.floating]) -> float:
    return float(roc_auc_score(positive, score))


def _ratio(part: NDArray[np.intp], whole: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0), np.float64)
