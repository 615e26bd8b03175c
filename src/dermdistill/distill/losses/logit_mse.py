"""Squared error of logits, the limit of KD at a high temperature: Kim et al. 2021 (arXiv:2105.08919)."""

from typing import Any

from keras import ops

from dermdistill.distill.losses.registry import register_distill_loss


@register_distill_loss("mse")
def logit_mse(student_logits: Any, teacher_logits: Any, temperature: float, targets: Any = None) -> Any:
    """Half the mean squared difference of the logits, each row centred first.

    This is what `kd` tends to as T grows (Hinton et al. 2015, section 2.1), without its rounding errors. The
    constant that softmax does not see is taken out, as the paper does not need to.

    Args:
        student_logits: `[batch, classes]`, before softmax.
        teacher_logits: `[batch, classes]`, before softmax.
        temperature: not looked at.
        targets: not looked at.

    Returns:
        `[batch]`, 0 or more.
    """
    difference = student_logits - teacher_logits
    centred = difference - ops.mean(difference, axis=-1, keepdims=True)
    return ops.mean(centred**2, axis=-1) / 2
