"""The training step on TensorFlow."""

from typing import Any

import tensorflow as tf

from dermdistill.distill.device_views import DeviceViews
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.step import Losses


class TensorFlowStep:
    """A `tf.function` that changes the variables in place; see `make_step`."""

    def __init__(
        self,
        model: Any,
        teachers: list[Any],
        optimizer: Any,
        objective: Losses,
        average: WeightAverage,
        *,
        views: DeviceViews | None,
    ) -> None:
        variables = list(model.trainable_variables)

        @tf.function  # type: ignore[untyped-decorator]
        def update(images: Any, targets: Any, cached_logits: Any, rate: Any) -> Any:
            optimizer.learning_rate.assign(rate)
            if views is not None:
                images = views.render(views.data, images)
            answers = [teacher(images, training=False) for teacher in teachers]
            with tf.GradientTape() as tape:
                losses = objective.of_outputs(model(images, training=True), targets, answers, cached_logits)
            optimizer.apply(tape.gradient(losses["loss"], variables), variables)
            average.update()
            return losses

        self.update = update

    def __call__(self, images: Any, targets: Any, cached_logits: Any, learning_rate: float) -> dict[str, Any]:
        """Take a step."""
        tensors = tf.nest.map_structure(tf.convert_to_tensor, (images, targets))
        cached = None if cached_logits is None else tf.convert_to_tensor(cached_logits)
        losses: dict[str, Any] = self.update(*tensors, cached, tf.constant(learning_rate, tf.float32))
        return losses

    def sync(self) -> None:
        """The variables are always up to date."""
