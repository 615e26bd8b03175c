"""Validation during training: how well the model ranks and decides on images as they are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdistill.imaging import resize_square
from dermdistill.metrics.decisions import decide
from dermdistill.metrics.scores import decision_metrics, probability_metrics


def predict_logits(
    model: Any, images: NDArray[np.uint8], *, image_size: int, batch_size: int = 32
) -> NDArray[np.float32]:
    """Logits `[n, classes]` of RGB uint8 images `[n, s, s, 3]`, area-resized to `image_size`."""
    parts = []
    for start in range(0, len(images), batch_size):
        batch = np.stack([resize_square(image, image_size) for image in images[start : start + batch_size]])
        # A last short batch is filled up, so that the compiled call sees one shape only.
        filled = np.concatenate([batch, np.repeat(batch[-1:], batch_size - len(batch), axis=0)])
        parts.append(np.asarray(model.predict_on_batch(filled)["logits"])[: len(batch)])
    return np.concatenate(parts).astype(np.float32)


def validation_metrics(
    logits: NDArray[np.float32], labels: NDArray[np.int64], class_shares: NDArray[np.float64]
) -> dict[str, float]:
    """Accuracy by the argmax class, balanced accuracy by p(class) / share(class), macro AUC, and loss.

    Args:
        logits: `[n, classes]`.
        labels: int `[n]`.
        class_shares: training prior, float `[classes]`; a class of share 0 is never decided for.

    Returns:
        `val_loss` in nats; `val_accuracy`, `val_balanced_accuracy`, `val_macro_auc` from 0 to 1; and
        `val_classes_predicted`, the number of classes that are ever decided for.
    """
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    probs = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    decided = decide(probs, "argmax_p_over_prior", class_shares)
    names = [str(k) for k in range(len(class_shares))]
    ranking, decisions = probability_metrics(labels, probs, names), decision_metrics(labels, decided, names)
    return {
        "val_loss": float(ranking["nll"][0]),
        "val_accuracy": float(np.mean(probs.argmax(axis=1) == labels)),
        "val_balanced_accuracy": float(decisions["balanced_accuracy"][0]),
        "val_macro_auc": float(ranking["macro_auc"][0]),
        "val_classes_predicted": float(len(np.unique(decided))),
    }
