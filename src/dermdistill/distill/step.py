"""One training step, compiled by the backend Keras runs on."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import keras

from dermdistill.distill.device_views import DeviceViews
from dermdistill.distill.ema import WeightAverage
from dermdistill.errors import ModelError


class Losses(Protocol):
    """What a step minimises: `loss` among the losses it names."""

    def of_outputs(
        self, outputs: Any, targets: Any, teacher_outputs: Sequence[Any], cached_logits: Any
    ) -> dict[str, Any]:
        """Scalars by name, of a learner's outputs and its teachers', live or cached."""
        ...


class StepInput(NamedTuple):
    """What a step learns from.

    Attributes:
        images: uint8 `[b, s, s, 3]`, or a `ViewPlan` where views are made on the device.
        targets: `[b, classes]`.
        cached_logits: `[b, teachers, classes]`, or None.
        teacher_images: what teachers look at, if not at `images`.
    """

    images: Any
    targets: Any
    cached_logits: Any = None
    teacher_images: Any = None


class Step(Protocol):
    """A compiled step."""

    def __call__(self, given: StepInput, learning_rate: float) -> dict[str, Any]:
        """Take a step; returns losses by name, scalars that the device may still be computing."""
        ...

    def sync(self) -> None:
        """Bring the variables of model, optimizer and average up to date, before anyone reads them."""
        ...


def make_step(
    model: Any,
    teachers: list[Any],
    optimizer: Any,
    objective: Losses,
    average: WeightAverage,
    *,
    views: DeviceViews | None = None,
) -> Step:
    """Compile the step that updates model, optimizer and average.

    Teachers, if any, look at the very images that the student gets, mixup included ("function matching",
    arXiv:2106.05237), unless the student's are spoilt; they run in inference mode and get no gradient. With
    `views`, the step makes the images itself.

    Raises:
        ModelError: Keras runs on a backend other than TensorFlow and JAX.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from dermdistill.distill.step_tensorflow import TensorFlowStep  # noqa: PLC0415

        return TensorFlowStep(model, teachers, optimizer, objective, average, views=views)
    if backend == "jax":
        from dermdistill.distill.step_jax import JaxStep  # noqa: PLC0415

        return JaxStep(model, teachers, optimizer, objective, average, views=views)
    raise ModelError(f"Training runs on TensorFlow or JAX, not on {backend}; set KERAS_BACKEND accordingly.")
