"""Losses against a teacher's logits."""

from typing import Any

from keras import ops

from dermdistill.distill.losses.registry import register_distill_loss


@register_distill_loss("kd")
def kd(student_logits: Any, teacher_logits: Any, temperature: float, targets: Any = None) -> Any:
    """Kullback-Leibler divergence of the student's from the teacher's softened probabilities, times T^2.

    The factor T^2 keeps the size of the gradient independent of the temperature.
    Source: Hinton, Vinyals, Dean 2015, arXiv:1503.02531, section 2.

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


@register_distill_loss("standardized_kd")
def standardized_kd(student_logits: Any, teacher_logits: Any, temperature: float, targets: Any = None) -> Any:
    """`kd` of the two rows of logits, each brought to mean 0 and standard deviation 1 over the classes.

    The student must match the teacher's order and proportions, not its certainty. So a small student is not
    driven to large logits, and one temperature fits every image (the paper: 2). The student's own scale is
    left to the task loss: with alpha = 1 nothing calibrates it.
    Source: Sun et al. 2024, arXiv:2403.01427.

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


@register_distill_loss("mse")
def logit_mse(student_logits: Any, teacher_logits: Any, temperature: float, targets: Any = None) -> Any:
    """Half the mean squared difference of the logits, each row centred first.

    This is what `kd` tends to as T grows (Hinton et al. 2015, section 2.1), without its rounding errors. The
    constant of each row, which softmax does not see, is taken out.
    Source: Kim et al. 2021, arXiv:2105.08919.

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
    """`kd` in two parts with weights of their own: target class against the rest, and the rest by itself.

    T^2 (a TCKD + b NCKD). Plain KD is TCKD + (1 - p(target)) NCKD with the teacher's p: where the teacher is
    sure, what it knows of the other classes vanishes. With soft targets (mixup, smoothing) this is the mean
    over the target class drawn from them; with hard ones it is the paper's loss.
    Source: Zhao et al. 2022, arXiv:2203.08679.

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


@register_distill_loss("dist")
def dist(
    student_logits: Any,
    teacher_logits: Any,
    temperature: float,
    targets: Any = None,
    *,
    between_classes: float = 1.0,
    between_images: float = 1.0,
) -> Any:
    """Pearson distances (1 - r) of both sides' probabilities, over classes and over images, times T^2.

    One runs over the classes of each image. The other runs over the images of the batch for each class: which
    of two images is more likely a melanoma. Only these relations must agree, for a stronger teacher may be
    surer than the student can be. A class whose probability does not vary within the batch counts as 1.
    Source: Huang et al. 2022, arXiv:2205.10536.

    Args:
        student_logits: `[batch, classes]`, before softmax.
        teacher_logits: `[batch, classes]`, before softmax.
        temperature: T, above 0; the paper uses 1 on ImageNet and 4 on CIFAR-100.
        targets: not looked at.
        between_classes: weight of the first part, 0 or more.
        between_images: weight of the second part, 0 or more.

    Returns:
        `[batch]`, 0 to 4 T^2 at the default weights; the second part is the batch's, the same in every row.
    """
    student = ops.softmax(student_logits / temperature, axis=-1)
    teacher = ops.softmax(teacher_logits / temperature, axis=-1)
    inter = 1 - _pearson(student, teacher, axis=-1)
    intra = ops.mean(1 - _pearson(student, teacher, axis=0))
    return temperature**2 * (between_classes * inter + between_images * intra)


def _pearson(first: Any, second: Any, axis: int) -> Any:
    """Pearson correlation along `axis`; 0 where one side is constant."""
    first = first - ops.mean(first, axis=axis, keepdims=True)
    second = second - ops.mean(second, axis=axis, keepdims=True)
    product = ops.sum(first * second, axis=axis)
    # Apart and inside the roots, so that no gradient is infinite and small variances are not lost.
    norms = ops.sqrt(ops.sum(first**2, axis=axis) + 1e-12) * ops.sqrt(ops.sum(second**2, axis=axis) + 1e-12)
    return product / norms
