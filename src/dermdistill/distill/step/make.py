"""Compile the training step for the backend that Keras runs on."""

from typing import Any

import keras

from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.step.contract import Losses, Step, StepParts
from dermdistill.distill.step.device_views import DeviceViews
from dermdistill.errors import ModelError


def use_all_devices() -> None:
    """Prepare for `all_devices`, also those of other machines; before anything is computed.

    Raises:
        ModelError: Keras does not run on JAX, or the other machines do not come.
    """
    backend = keras.backend.backend()
    if backend != "jax":
        raise ModelError(f"compute.devices = all needs KERAS_BACKEND=jax; Keras runs on {backend}.")
    from dermdistill.distill.step.devices import join_machines  # noqa: PLC0415

    join_machines()


def make_step(
    model: Any,
    teachers: list[Any],
    optimizer: Any,
    objective: Losses,
    average: WeightAverage,
    *,
    views: DeviceViews | None = None,
    all_devices: bool = False,
) -> Step:
    """Compile the step that updates model, optimizer and average.

    Teachers, if any, see the same images as the student, mixup included ("function matching",
    arXiv:2106.05237), but never degraded. They run in inference mode and get no gradient. With `views`, the
    step makes the images itself. With `all_devices` each device takes a share of every batch.

    Raises:
        ModelError: Keras runs on a backend other than TensorFlow and JAX.
    """
    backend = keras.backend.backend()
    parts = StepParts(model, teachers, optimizer, objective, average, views)
    if backend == "tensorflow":
        from dermdistill.distill.step.tensorflow import TensorFlowStep  # noqa: PLC0415

        return TensorFlowStep(parts)
    if backend == "jax":
        from dermdistill.distill.step.devices import Devices  # noqa: PLC0415
        from dermdistill.distill.step.jax import JaxStep  # noqa: PLC0415

        return JaxStep(parts, Devices() if all_devices else None)
    raise ModelError(f"Training runs on TensorFlow or JAX, not on {backend}; set KERAS_BACKEND accordingly.")
