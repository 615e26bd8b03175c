"""Losses by name: pure functions in `keras.ops`, one family a file."""

from dermdistill.distill.losses import cross_entropy, kd  # noqa: F401  # importing a module registers its losses
from dermdistill.distill.losses.registry import (
    distill_loss_names,
    get_distill_loss,
    get_task_loss,
    register_distill_loss,
    register_task_loss,
    task_loss_names,
)

__all__ = [
    "distill_loss_names",
    "get_distill_loss",
    "get_task_loss",
    "register_distill_loss",
    "register_task_loss",
    "task_loss_names",
]
