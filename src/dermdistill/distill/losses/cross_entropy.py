"""Cross-entropy against labels that may be soft (smoothing, mixup)."""

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
