"""Distillation of relations, not values: DIST, Huang et al. 2022 (arXiv:2205.10536)."""

from typing import Any

from keras import ops

from dermdistill.distill.losses.registry import register_distill_loss


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
    """T^2 times the sum of two Pearson distances (1 - r) between student's and teacher's probabilities.

    One over the classes of each image, one over the images of the batch for each class: which of two images
    is more likely a melanoma. A stronger teacher may be
    surer than the student can be; only the relations must agree. A class whose probability does not vary
    within the batch has no correlation and counts as 1.

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
