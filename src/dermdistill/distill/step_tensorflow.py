"""The training step on TensorFlow."""

from typing import Any

import tensorflow as tf

from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.objective import Objective
from dermdistill.distill.step import Step


def make_tensorflow_step(
    model: Any, teachers: list[Any], optimizer: Any, objective: Objective, average: WeightAverage
) -> Step:
    """Compile the step as a `tf.function`; see `make_step`."""
    variables = list(model.trainable_variables)

    @tf.function  # type: ignore[untyped-decorator]
    def update(images: Any, targets: Any, cached_logits: Any) -> Any:
        teacher_logits = cached_logits
        if teachers:
            teacher_logits = tf.stack(
                [teacher(images, training=False)["logits"] for teacher in teachers], axis=1
            )
        with tf.GradientTape() as tape:
            logits = model(images, training=True)["logits"]
            losses = objective(logits, targets, teacher_logits)
        optimizer.apply(tape.gradient(losses["loss"], variables), variables)
        average.update()
        return losses

    def step(images: Any, targets: Any, cached_logits: Any) -> dict[str, float]:
        cached = None if cached_logits is None else tf.convert_to_tensor(cached_logits)
        losses = update(tf.convert_to_tensor(images), tf.convert_to_tensor(targets), cached)
        return {name: float(value) for name, value in losses.items()}

    return step
