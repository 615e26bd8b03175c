"""The optimizer, AdamW without decay on biases and norms, and the learning rates of a phase."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dermdistill.distill.recipe import OptimizerSection, Phase


def make_optimizer(variables: list[Any], settings: OptimizerSection) -> Any:
    """Build the optimizer of the variables that a phase trains; each step is told its learning rate."""
    optimizer = keras.optimizers.AdamW(
        0.0, weight_decay=settings.weight_decay, global_clipnorm=settings.clip_norm
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    optimizer.build(variables)
    return optimizer


def learning_rates(phase: Phase, steps_per_epoch: int) -> NDArray[np.float32]:
    """The rate of each step of a phase, float `[epochs * steps_per_epoch]`: linear warm-up, then cosine.

    They are no part of the compiled step. So a step of one image size is compiled once for all phases, seeds
    and schedules, and then comes from the compiler's cache.
    """
    steps = np.arange(phase.epochs * steps_per_epoch)
    warmup = int(phase.warmup_epochs * steps_per_epoch)
    progress = (steps - warmup) / max(1, len(steps) - warmup)
    cosine = phase.final_share + (1 - phase.final_share) * (1 + np.cos(np.pi * progress)) / 2
    shares = np.where(steps < warmup, steps / max(1, warmup), cosine)
    return np.asarray(phase.learning_rate * shares, np.float32)
