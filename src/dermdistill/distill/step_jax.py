"""The training step on JAX: all state goes in, all state comes out, nothing is changed inside."""

from typing import Any

import jax
import keras

from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.objective import Objective
from dermdistill.distill.step import Step


def make_jax_step(
    model: Any, teachers: list[Any], optimizer: Any, objective: Objective, average: WeightAverage
) -> Step:
    """Compile the step by `jax.jit`; see `make_step`."""
    trainable = list(model.trainable_variables)
    fixed = list(model.non_trainable_variables)
    state_variables = [trainable, fixed, list(optimizer.variables), average.variables]
    teacher_variables = [
        [*teacher.trainable_variables, *teacher.non_trainable_variables] for teacher in teachers
    ]

    def loss_of(trained: Any, rest: Any, images: Any, targets: Any, teacher_logits: Any) -> Any:
        outputs, rest = model.stateless_call(trained, rest, images, training=True)
        losses = objective(outputs["logits"], targets, teacher_logits)
        return losses["loss"], (losses, rest)

    @jax.jit
    def update(state: Any, teacher_state: Any, images: Any, targets: Any, cached_logits: Any) -> Any:
        trained, rest, optimizer_state, average_state = state
        teacher_logits = cached_logits
        if teachers:
            teacher_logits = keras.ops.stack(
                [
                    _call_fixed(teacher, values, images)["logits"]
                    for teacher, values in zip(teachers, teacher_state, strict=True)
                ],
                axis=1,
            )
        gradients, (losses, rest) = jax.grad(loss_of, has_aux=True)(
            trained, rest, images, targets, teacher_logits
        )
        trained, optimizer_state = optimizer.stateless_apply(optimizer_state, gradients, trained)
        new_values = [*zip(trainable, trained, strict=True), *zip(fixed, rest, strict=True)]
        old_average = list(zip(average.variables, average_state, strict=True))
        with keras.StatelessScope(state_mapping=new_values + old_average) as scope:
            average.update()
            average_state = [scope.get_current_value(variable) for variable in average.variables]
        return [trained, rest, optimizer_state, average_state], losses

    def step(images: Any, targets: Any, cached_logits: Any) -> dict[str, float]:
        state = [[variable.value for variable in group] for group in state_variables]
        teacher_state = [[variable.value for variable in group] for group in teacher_variables]
        state, losses = update(state, teacher_state, images, targets, cached_logits)
        for group, values in zip(state_variables, state, strict=True):
            for variable, value in zip(group, values, strict=True):
                variable.assign(value)
        return {name: float(value) for name, value in losses.items()}

    return step


def _call_fixed(teacher: Any, values: Any, images: Any) -> Any:
    split = len(teacher.trainable_variables)
    outputs, _ = teacher.stateless_call(values[:split], values[split:], images, training=False)
    return outputs
