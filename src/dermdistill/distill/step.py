"""One training step, compiled by the backend Keras runs on."""

from collections.abc import Callable
from typing import Any

import keras

from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.objective import Objective
from dermdistill.errors import ModelError

Step = Callable[[Any, Any, Any], dict[str, float]]
"""`(images uint8 [b, s, s, 3], targets [b, classes], cached teacher logits [b, teachers, classes] or None)`
`-> losses by name`."""


def make_step(
    model: Any, teachers: list[Any], optimizer: Any, objective: Objective, average: WeightAverage
) -> Step:
    """Compile the step that updates model, optimizer and average in place.

    Teachers, if any, look at the very images that the student gets, mixup included ("function matching",
    arXiv:2106.05237); they run in inference mode and get no gradient.

    Raises:
        ModelError: Keras runs on a backend other than TensorFlow and JAX.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from dermdistill.distill.step_tensorflow import make_tensorflow_step  # noqa: PLC0415

        return make_tensorflow_step(model, teachers, optimizer, objective, average)
    if backend == "jax":
        from dermdistill.distill.step_jax import make_jax_step  # noqa: PLC0415

        return make_jax_step(model, teachers, optimizer, objective, average)
    raise ModelError(f"Training runs on TensorFlow or JAX, not on {backend}; set KERAS_BACKEND accordingly.")
