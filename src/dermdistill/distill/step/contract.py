"""One training step, compiled by the backend Keras runs on."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.step.device_views import DeviceViews


class Losses(Protocol):
    """What a step minimises: `loss` among the losses it names."""

    def of_outputs(
        self, outputs: Any, targets: Any, teacher_outputs: Sequence[Any], cached_logits: Any, taught: Any
    ) -> dict[str, Any]:
        """Scalars by name, of a learner's outputs and its teachers', live or cached."""
        ...


class StepParts(NamedTuple):
    """What a step is compiled of; see `make_step`."""

    model: Any
    teachers: list[Any]
    optimizer: Any
    objective: Losses
    average: WeightAverage
    views: DeviceViews | None


class StepInput(NamedTuple):
    """What a step learns from.

    Attributes:
        images: uint8 `[b, s, s, 3]`, or a `ViewPlan` where views are made on the device.
        targets: `[b, classes]`.
        cached_logits: `[b, teachers, classes]`, or None.
        teacher_images: what teachers look at, if not at `images`; a `ViewPlan` where `images` is one.
        taught: `[b, classes]`, 1 for the classes that an image's source teaches, else 0; or None for all.
    """

    images: Any
    targets: Any
    cached_logits: Any = None
    teacher_images: Any = None
    taught: Any = None


class Step(Protocol):
    """A compiled step."""

    def __call__(self, given: StepInput, learning_rate: float) -> dict[str, Any]:
        """Take a step; returns losses by name, scalars that the device may still be computing."""
        ...

    def sync(self) -> None:
        """Bring the variables of model, optimizer and average up to date, before anyone reads them."""
        ...
