"""Distillation of standardised logits, which removes their scale: Sun et al. 2024 (arXiv:2403.01427)."""

from typing import Any

from keras import ops

from dermdistill.distill.losses.kd import kd
from dermdistill.distill.losses.registry import register_distill_loss


@register_distill_loss("standardized_kd")
def standardized_kd(student_logits: Any, teacher_logits: Any, temperature: float, targets: Any = None) -> Any:
    """`kd` of the two rows of logits, each brought to mean 0 and standard deviation 1 over the classes.

    The student need not match the teacher's certainty, only its order and proportions, so a small student is
    not driven to large logits; and the temperature is one number that fits every image (the paper: 2).
    The student's own scale is left to the task loss: with alpha = 1 nothing calibrates it.

    Args:
        student_logits: `[batch, classes]`, before softmax.
        teacher_logits: `[batch, classes]`, before softmax.
        temperature: T, above 0, after standardising.
        targets: not looked at.

    Returns:
        `[batch]`, in nats times T^2, 0 or more.
    """
    return kd(_standardize(student_logits), _standardize(teacher_logits), temperature, targets)


def _standardize(logits: Any) -> Any:
    centred = logits - ops.mean(logits, axis=-1, keepdims=True)
    # Inside the root, so that the gradient stays finite where all logits are equal, as at the start.
    return centred / ops.sqrt(ops.mean(centred**2, axis=-1, keepdims=True) + 1e-6)
