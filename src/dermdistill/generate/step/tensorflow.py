"""The step on TensorFlow."""

from typing import Any

import tensorflow as tf

from dermdistill.generate.step.contract import Parts, hinge_of_both, hinge_of_made, shown


class TensorFlowStep:
    """A `tf.function` that changes the variables in place."""

    def __init__(self, parts: Parts) -> None:
        generator, discriminator, generator_optimizer, discriminator_optimizer, average = parts
        made_by, judged_by = list(generator.trainable_variables), list(discriminator.trainable_variables)

        @tf.function  # type: ignore[untyped-decorator]
        def update(batch: dict[str, Any]) -> Any:
            fake = generator([batch["fake_noise"], batch["fake_labels"]], training=True)
            with tf.GradientTape() as tape:
                judged = hinge_of_both(
                    discriminator(shown(batch, "real", batch["real"]), training=True),
                    discriminator(shown(batch, "fake", fake), training=True),
                )
            discriminator_optimizer.apply(tape.gradient(judged, judged_by), judged_by)
            with tf.GradientTape() as tape:
                made = generator([batch["made_noise"], batch["made_labels"]], training=True)
                loss = hinge_of_made(discriminator(shown(batch, "made", made), training=False))
            generator_optimizer.apply(tape.gradient(loss, made_by), made_by)
            average.update()
            return {"discriminator": judged, "generator": loss}

        self.update = update

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Take a step."""
        losses: dict[str, Any] = self.update(tf.nest.map_structure(tf.convert_to_tensor, batch))
        return losses

    def sync(self) -> None:
        """The variables are always up to date."""
