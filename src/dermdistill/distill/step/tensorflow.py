"""The training step on TensorFlow."""

from typing import Any

import tensorflow as tf

from dermdistill.distill.step.contract import StepInput, StepParts


class TensorFlowStep:
    """A `tf.function` that changes the variables in place; see `make_step`."""

    def __init__(self, parts: StepParts) -> None:
        model, teachers, optimizer, objective, average, views = parts
        variables = list(model.trainable_variables)

        @tf.function  # type: ignore[untyped-decorator]
        def update(given: StepInput, rate: Any) -> Any:
            images, targets, cached_logits, teacher_images, taught = given
            optimizer.learning_rate.assign(rate)
            if views is not None:
                images, teacher_images = views.render_both(views.data, images, teacher_images)
            seen = images if teacher_images is None else teacher_images
            answers = [teacher(seen, training=False) for teacher in teachers]
            with tf.GradientTape() as tape:
                outputs = model(images, training=True)
                losses = objective.of_outputs(outputs, targets, answers, cached_logits, taught)
            optimizer.apply(tape.gradient(losses["loss"], variables), variables)
            average.update()
            return losses

        self.update = update

    def __call__(self, given: StepInput, learning_rate: float) -> dict[str, Any]:
        """Take a step."""
        tensors = tf.nest.map_structure(_as_tensor, given)
        losses: dict[str, Any] = self.update(tensors, tf.constant(learning_rate, tf.float32))
        return losses

    def sync(self) -> None:
        """The variables are always up to date."""


def _as_tensor(values: Any) -> Any:
    return None if values is None else tf.convert_to_tensor(values)
