"""Losses against labels, which may be soft (smoothing, mixup)."""

from typing import Any

from keras import ops

from dermdistill.distill.losses.registry import register_task_loss


@register_task_loss("cross_entropy")
def cross_entropy(logits: Any, targets: Any) -> Any:
    """Cross-entropy in nats.

    Args:
        logits: `[batch, classes]`, before softmax.
        targets: `[batch, classes]`, probabilities.

    Returns:
        `[batch]`, 0 or more.
    """
    return -ops.sum(targets * ops.log_softmax(logits, axis=-1), axis=-1)


@register_task_loss("focal")
def focal(logits: Any, targets: Any, gamma: float = 2.0) -> Any:
    """Cross-entropy with each class's term times (1 - p)^gamma, over a softmax.

    Not a proper scoring rule: the probabilities come out less sure than the data, and need calibration.
    Source: Lin et al. 2017, arXiv:1708.02002.

    Args:
        logits: `[batch, classes]`, before softmax.
        targets: `[batch, classes]`, probabilities; soft ones weigh each class's term.
        gamma: 0 is cross-entropy; 2 was best in the paper.

    Returns:
        `[batch]`, in nats, 0 or more.
    """
    log_probs = ops.log_softmax(logits, axis=-1)
    return -ops.sum(targets * (1 - ops.exp(log_probs)) ** gamma * log_probs, axis=-1)
