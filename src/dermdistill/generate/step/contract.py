"""One step of a generator's training: the discriminator learns, then the generator, by the hinge loss."""

from typing import Any, NamedTuple, Protocol

from keras import ops

from dermdistill.distill.ema import WeightAverage
from dermdistill.generate.augment import changed


class Parts(NamedTuple):
    """What a step is compiled of."""

    generator: Any
    discriminator: Any
    generator_optimizer: Any
    discriminator_optimizer: Any
    average: WeightAverage


class Step(Protocol):
    """A compiled step."""

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Take a step on what `Draws.step` gives; returns the losses `discriminator` and `generator`."""
        ...

    def sync(self) -> None:
        """Bring the variables of all parts up to date, before anyone reads them."""
        ...


def hinge_of_both(real: Any, fake: Any) -> Any:
    """Loss of the discriminator from its scores `[b]` of real and made pictures (arXiv:1705.02894)."""
    return ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + fake))


def hinge_of_made(made: Any) -> Any:
    """Loss of the generator from the scores `[b]` of what it made."""
    return -ops.mean(made)


def shown(batch: dict[str, Any], kind: str, images: Any) -> list[Any]:
    """What the discriminator is given of `real`, `fake` or `made` pictures."""
    return [changed(images, batch[f"{kind}_changes"]), batch[f"{kind}_labels"]]
