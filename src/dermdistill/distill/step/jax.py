"""The training step on JAX: all state goes in, all state comes out, in the same buffers.

State stays on the device from step to step and is donated, so that a step neither copies nor doubles it.
Until `sync`, the Keras variables hold buffers that are given away: whoever reads them gets an error, not old
values.
"""

from typing import Any

import jax
import keras
import numpy as np

from dermdistill.distill.step.contract import StepInput, StepParts
from dermdistill.distill.step.devices import Devices


class JaxStep:
    """A `jax.jit` function and the state it hands on; see `make_step`."""

    def __init__(self, parts: StepParts, devices: Devices | None = None) -> None:
        model, teachers, optimizer, objective, average, views = parts
        trainable, fixed = list(model.trainable_variables), list(model.non_trainable_variables)
        self.groups = [trainable, fixed, list(optimizer.variables), average.variables]
        rate_at = [variable is optimizer.learning_rate for variable in optimizer.variables].index(True)
        self.state: list[list[Any]] | None = None
        self.teachers = [[*each.trainable_variables, *each.non_trainable_variables] for each in teachers]
        self.data = None if views is None else views.data

        def loss_of(trained: Any, rest: Any, images: Any, targets: Any, taught: Any) -> Any:
            outputs, rest = model.stateless_call(trained, rest, images, training=True)
            losses = objective.of_outputs(outputs, targets, *taught)
            return losses["loss"], (losses, rest)

        def update(state: Any, fixed_state: Any, given: StepInput, rate: Any) -> Any:
            images, targets, cached, seen, known = given
            trained, rest, optimizer_state, average_state = state
            optimizer_state = [*optimizer_state[:rate_at], rate, *optimizer_state[rate_at + 1 :]]
            teacher_state, data = fixed_state
            if views is not None:
                images, seen = views.render_both(data, images, seen)
            answers = [
                _call_fixed(teacher, values, images if seen is None else seen)
                for teacher, values in zip(teachers, teacher_state, strict=True)
            ]
            gradients, (losses, rest) = jax.grad(loss_of, has_aux=True)(
                trained, rest, images, targets, (answers, cached, known)
            )
            trained, optimizer_state = optimizer.stateless_apply(optimizer_state, gradients, trained)
            new_values = [*zip(trainable, trained, strict=True), *zip(fixed, rest, strict=True)]
            old_average = list(zip(average.variables, average_state, strict=True))
            with keras.StatelessScope(state_mapping=new_values + old_average) as scope:
                average.update()
                average_state = [scope.get_current_value(variable) for variable in average.variables]
            return [trained, rest, optimizer_state, average_state], losses

        self.devices = devices
        self.update = jax.jit(update, donate_argnums=0, out_shardings=devices.whole if devices else None)

    def __call__(self, given: StepInput, learning_rate: float) -> dict[str, Any]:
        """Take a step."""
        if self.state is None:
            self.state = [[variable.value for variable in group] for group in self.groups]
            self.fixed = ([[variable.value for variable in each] for each in self.teachers], self.data)
            if self.devices:
                self.state, self.fixed = self.devices.everywhere((self.state, self.fixed))
        if self.devices:
            given = self.devices.shared(given, len(given.targets))
        self.state, losses = self.update(self.state, self.fixed, given, np.float32(learning_rate))
        return dict(losses)

    def sync(self) -> None:
        """Hand the state back to the variables."""
        if self.state is None:
            return
        for group, values in zip(self.groups, self.state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(self.devices.local(value) if self.devices else value)
        self.state = None


def _call_fixed(teacher: Any, values: Any, images: Any) -> Any:
    split = len(teacher.trainable_variables)
    outputs, _ = teacher.stateless_call(values[:split], values[split:], images, training=False)
    return outputs
