"""Knowledge distillation by softened probabilities: Hinton, Vinyals, Dean 2015 (arXiv:1503.02531)."""

from typing import Any

from keras import ops

from dermdistill.distill.losses.registry import register_distill_loss


@register_distill_loss("kd")
def kd(student_logits: Any, teacher_logits: Any, temperature: float, targets: Any = None) -> Any:
    """T^2 times the Kullback-Leibler divergence of the student's from the teacher's softened probabilities.

    The factor T^2 keeps the size of the gradient independent of the temperature (section 2 of the paper).

    Args:
        student_logits: `[batch, classes]`, before softmax.
        teacher_logits: `[batch, classes]`, before softmax; log-probabilities are logits too.
        temperature: T, above 0.
        targets: not looked at.

    Returns:
        `[batch]`, in nats times T^2, 0 or more.
    """
    student_log_probs = ops.log_softmax(student_logits / temperature, axis=-1)
    teacher_log_probs = ops.log_softmax(teacher_logits / temperature, axis=-1)
    divergence = ops.sum(ops.exp(teacher_log_probs) * (teacher_log_probs - student_log_probs), axis=-1)
    return temperature**2 * divergence
