"""Losses by name, pure functions in `keras.ops`: against labels, teachers and their embeddings."""

from collections.abc import Callable
from typing import Any, TypeVar

from keras import ops

from dermdistill.errors import RecipeError

TaskLoss = Callable[[Any, Any], Any]
"""`(logits [batch, classes], targets [batch, classes] summing to 1) -> [batch]`."""

DistillLoss = Callable[[Any, Any, float, Any], Any]
"""`(student_logits [batch, classes], teacher_logits [batch, classes], temperature, targets) -> [batch]`.

`targets [batch, classes]` are the labels, for the losses that treat the target class apart. A loss must not
change when a constant is added to a row of logits: log-probabilities are logits too.
"""

FeatureLoss = Callable[[Any, Any], Any]
"""`(projected student [batch, features], teacher [batch, features]) -> [batch]`."""

Loss = TypeVar("Loss")

_TASK: dict[str, TaskLoss] = {}
_DISTILL: dict[str, DistillLoss] = {}
_FEATURE: dict[str, FeatureLoss] = {}


def _register(registry: dict[str, Loss], name: str) -> Callable[[Loss], Loss]:
    def register(loss: Loss) -> Loss:
        if name in registry:
            raise RecipeError(
                f"The loss name {name!r} is registered twice; give the second one another name."
            )
        registry[name] = loss
        return loss

    return register


def _get(registry: dict[str, Loss], kind: str, name: str) -> Loss:
    if name not in registry:
        raise RecipeError(f"There is no {kind} loss {name!r}; choose one of {', '.join(sorted(registry))}.")
    return registry[name]


def register_task_loss(name: str) -> Callable[[TaskLoss], TaskLoss]:
    """Register a loss against labels; a name taken already is a RecipeError."""
    return _register(_TASK, name)


def register_distill_loss(name: str) -> Callable[[DistillLoss], DistillLoss]:
    """Register a loss against a teacher; a name taken already is a RecipeError."""
    return _register(_DISTILL, name)


def register_feature_loss(name: str) -> Callable[[FeatureLoss], FeatureLoss]:
    """Register a loss between embeddings; a name taken already is a RecipeError."""
    return _register(_FEATURE, name)


def get_feature_loss(name: str) -> FeatureLoss:
    """Look up a loss between embeddings; an unknown name is a RecipeError."""
    return _get(_FEATURE, "feature", name)


def get_task_loss(name: str) -> TaskLoss:
    """Look up a loss against labels; an unknown name is a RecipeError."""
    return _get(_TASK, "task", name)


def get_distill_loss(name: str) -> DistillLoss:
    """Look up a loss against a teacher; an unknown name is a RecipeError."""
    return _get(_DISTILL, "distill", name)


def task_loss_names() -> tuple[str, ...]:
    """Names of all losses against labels."""
    return tuple(sorted(_TASK))


def distill_loss_names() -> tuple[str, ...]:
    """Names of all losses against a teacher."""
    return tuple(sorted(_DISTILL))


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

    Args:
        logits: `[batch, classes]`, before softmax.
        targets: `[batch, classes]`, probabilities; soft ones weigh each class's term.
        gamma: 0 is cross-entropy; 2 was best in the paper.

    Returns:
        `[batch]`, in nats, 0 or more.
    """
    log_probs = ops.log_softmax(logits, axis=-1)
    return -ops.sum(targets * (1 - ops.exp(log_probs)) ** gamma * log_probs, axis=-1)


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


@register_feature_loss("cosine")
def cosine(student: Any, teacher: Any) -> Any:
    """One minus the cosine between `student` and `teacher` `[batch, features]`; gives `[batch]`, 0 to 2.

    Only the direction must agree: how long a teacher's embeddings are says little about what they mean.
    """
    # Inside the roots, so that an embedding of zeros has a finite gradient.
    lengths = ops.sqrt((ops.sum(student**2, axis=-1) + 1e-12) * (ops.sum(teacher**2, axis=-1) + 1e-12))
    return 1 - ops.sum(student * teacher, axis=-1) / lengths


@register_feature_loss("fitnets")
def fitnets(student: Any, teacher: Any) -> Any:
    """Half the mean squared difference over features, `[batch]`; Romero et al. 2015 (arXiv:1412.6550)."""
    return ops.mean((student - teacher) ** 2, axis=-1) / 2
