"""Decoupled knowledge distillation: Zhao et al. 2022 (arXiv:2203.08679)."""

from typing import Any

from keras import ops

from dermdistill.distill.losses.registry import register_distill_loss

_NEVER = -1e4  # added to a logit, it takes the class out of the softmax


@register_distill_loss("dkd")
def dkd(
    student_logits: Any,
    teacher_logits: Any,
    temperature: float,
    targets: Any,
    *,
    target_weight: float = 1.0,
    others_weight: float = 8.0,
) -> Any:
    """T^2 (a TCKD + b NCKD): target class against the rest, and the rest among themselves, weighed apart.

    Plain KD is TCKD + (1 - p(target)) NCKD with the teacher's p: where the teacher is sure, what it knows of
    the other classes vanishes. With soft targets (mixup, smoothing) this is
    the mean over the target class drawn from them; for hard ones, the paper's loss.

    Args:
        student_logits: `[batch, classes]`, before softmax.
        teacher_logits: `[batch, classes]`, before softmax.
        temperature: T, above 0.
        targets: `[batch, classes]`, rows sum to 1.
        target_weight: a, 0 or more.
        others_weight: b, 0 or more; 8 as in most of the paper's CIFAR-100 experiments.

    Returns:
        `[batch]`, in nats times T^2, 0 or more.
    """
    student, teacher = student_logits / temperature, teacher_logits / temperature
    target_part = _divergence(_one_against_rest(teacher), _one_against_rest(student))
    others_part = _divergence(_without_each(teacher), _without_each(student))
    parts = target_weight * target_part + others_weight * others_part
    return temperature**2 * ops.sum(targets * parts, axis=-1)


def _without_each(logits: Any) -> Any:
    """Log-probabilities `[batch, classes left out, classes]` of the classes but one."""
    size = logits.shape[-1]
    out = ops.cast(ops.eye(size), logits.dtype) * _NEVER
    return ops.log_softmax(ops.expand_dims(logits, 1) + out, axis=-1)


def _one_against_rest(logits: Any) -> Any:
    """Log-probabilities `[batch, classes, 2]` of each class and of all the others together."""
    size = logits.shape[-1]
    out = ops.cast(ops.eye(size), logits.dtype) * _NEVER
    others = ops.logsumexp(ops.expand_dims(logits, 1) + out, axis=-1)
    return ops.log_softmax(ops.stack([logits, others], axis=-1), axis=-1)


def _divergence(teacher_log_probs: Any, student_log_probs: Any) -> Any:
    return ops.sum(ops.exp(teacher_log_probs) * (teacher_log_probs - student_log_probs), axis=-1)
