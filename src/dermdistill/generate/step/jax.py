"""The step on JAX: all state goes in, all state comes out; see `distill.step.jax`."""

from typing import Any

import jax
import keras

from dermdistill.generate.step.contract import Parts, hinge_of_both, hinge_of_made, shown


class JaxStep:
    """A `jax.jit` function and the state that it hands on."""

    def __init__(self, parts: Parts) -> None:
        generator, discriminator, generator_optimizer, discriminator_optimizer, average = parts
        self.groups = [
            list(generator.trainable_variables),
            list(generator.non_trainable_variables),
            list(discriminator.trainable_variables),
            list(discriminator.non_trainable_variables),
            list(generator_optimizer.variables),
            list(discriminator_optimizer.variables),
            average.variables,
        ]
        self.state: list[list[Any]] | None = None

        def judge(judging: Any, rest: Any, fake: Any, batch: Any) -> Any:
            real, rest = discriminator.stateless_call(
                judging, rest, shown(batch, "real", batch["real"]), training=True
            )
            made, rest = discriminator.stateless_call(
                judging, rest, shown(batch, "fake", fake), training=True
            )
            return hinge_of_both(real, made), rest

        def please(making: Any, fixed: Any, judging: Any, rest: Any, batch: Any) -> Any:
            made, fixed = generator.stateless_call(
                making, fixed, [batch["made_noise"], batch["made_labels"]], training=True
            )
            score, _ = discriminator.stateless_call(judging, rest, shown(batch, "made", made), training=False)
            return hinge_of_made(score), fixed

        def update(state: Any, batch: Any) -> Any:
            making, fixed, judging, rest, making_state, judging_state, average_state = state
            fake, fixed = generator.stateless_call(
                making, fixed, [batch["fake_noise"], batch["fake_labels"]], training=True
            )
            (judged, rest), slopes = jax.value_and_grad(judge, has_aux=True)(judging, rest, fake, batch)
            judging, judging_state = discriminator_optimizer.stateless_apply(judging_state, slopes, judging)
            (loss, fixed), slopes = jax.value_and_grad(please, has_aux=True)(
                making, fixed, judging, rest, batch
            )
            making, making_state = generator_optimizer.stateless_apply(making_state, slopes, making)
            known = [
                *zip(generator.trainable_variables, making, strict=True),
                *zip(generator.non_trainable_variables, fixed, strict=True),
                *zip(average.variables, average_state, strict=True),
            ]
            with keras.StatelessScope(state_mapping=known) as scope:
                average.update()
                average_state = [scope.get_current_value(variable) for variable in average.variables]
            state = [making, fixed, judging, rest, making_state, judging_state, average_state]
            return state, {"discriminator": judged, "generator": loss}

        self.update = jax.jit(update, donate_argnums=0)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Take a step."""
        if self.state is None:
            # Copies: the average may begin with the generator's own arrays, and none may be donated twice.
            self.state = [[jax.numpy.array(variable.value) for variable in group] for group in self.groups]
        self.state, losses = self.update(self.state, batch)
        return dict(losses)

    def sync(self) -> None:
        """Hand the state back to the variables."""
        if self.state is None:
            return
        for group, values in zip(self.groups, self.state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        self.state = None
