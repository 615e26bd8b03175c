"""The optimizer of a phase: AdamW with linear warm-up and a cosine schedule; no decay on biases and norms."""

from typing import Any

import keras

from dermdistill.distill.recipe import OptimizerSection, Phase


def make_optimizer(
    variables: list[Any], settings: OptimizerSection, phase: Phase, steps_per_epoch: int
) -> Any:
    """Build the optimizer for the variables that a phase trains."""
    warmup = int(phase.warmup_epochs * steps_per_epoch)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else phase.learning_rate,
        decay_steps=max(1, phase.epochs * steps_per_epoch - warmup),
        alpha=phase.final_share,
        warmup_target=phase.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=settings.weight_decay, global_clipnorm=settings.clip_norm
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    optimizer.build(variables)
    return optimizer
