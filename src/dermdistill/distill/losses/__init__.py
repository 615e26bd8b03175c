"""Losses by name: pure functions in `keras.ops`."""

from dermdistill.distill.losses import distillation, features, task  # noqa: F401  # importing registers them
from dermdistill.distill.losses.registry import (
    all_losses,
    distill_loss_names,
    get_distill_loss,
    get_feature_loss,
    get_task_loss,
    register_distill_loss,
    register_feature_loss,
    register_task_loss,
    task_loss_names,
)

__all__ = [
    "all_losses",
    "distill_loss_names",
    "get_distill_loss",
    "get_feature_loss",
    "get_task_loss",
    "register_distill_loss",
    "register_feature_loss",
    "register_task_loss",
    "task_loss_names",
]
