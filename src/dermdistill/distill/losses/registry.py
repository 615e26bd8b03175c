"""The registries of losses: against labels (task), teachers (distill) and their embeddings (feature)."""

from collections.abc import Callable
from typing import Any, TypeVar

from dermdistill.errors import RecipeError, unknown_name

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
        raise RecipeError(unknown_name(f"{kind} loss", name, registry))
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
    return _get(_DISTILL, "distillation", name)


def all_losses() -> dict[str, dict[str, Callable[..., Any]]]:
    """Every registered loss by kind and name, in alphabetical order."""
    kinds: dict[str, dict[str, Any]] = {"task": _TASK, "distillation": _DISTILL, "feature": _FEATURE}
    return {kind: dict(sorted(losses.items())) for kind, losses in kinds.items()}


def task_loss_names() -> tuple[str, ...]:
    """Names of all losses against labels."""
    return tuple(sorted(_TASK))


def distill_loss_names() -> tuple[str, ...]:
    """Names of all losses against a teacher."""
    return tuple(sorted(_DISTILL))
