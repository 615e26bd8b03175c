"""Compile the step for the backend that Keras runs on."""

import keras

from dermdistill.errors import ModelError
from dermdistill.generate.step.contract import Parts, Step


def make_step(parts: Parts) -> Step:
    """Compile the step that updates both networks, their optimizers and the average.

    Raises:
        ModelError: Keras runs on a backend other than TensorFlow and JAX.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from dermdistill.generate.step.tensorflow import TensorFlowStep  # noqa: PLC0415

        return TensorFlowStep(parts)
    if backend == "jax":
        from dermdistill.generate.step.jax import JaxStep  # noqa: PLC0415

        return JaxStep(parts)
    raise ModelError(f"A generator is trained on TensorFlow or JAX, and Keras runs on {backend}.")
