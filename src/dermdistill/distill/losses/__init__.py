"""Losses by name: pure functions in `keras.ops`, one family a file."""

from dermdistill.distill.losses import (  # noqa: F401  # importing a module registers its losses
    balanced_softmax,
    cross_entropy,
    dist,
    dkd,
    features,
    focal,
    kd,
    logit_mse,
    standardized_kd,
)
from dermdistill.distill.losses.registry import (
    distill_loss_names,
    get_distill_loss,
    get_feature_loss,
    get_task_loss,
    register_distill_loss,
    register_task_loss,
    task_loss_names,
)

__all__ = [
    "distill_loss_names",
    "get_distill_loss",
    "get_feature_loss",
    "get_task_loss",
    "register_distill_loss",
    "register_task_loss",
    "task_loss_names",
]
