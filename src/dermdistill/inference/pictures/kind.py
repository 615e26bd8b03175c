"""Which kind of picture the network saw: through a dermatoscope, a clinical close-up, or neither."""

import math
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from dermdistill.bundle import BundleSpec, OpenBundle, PictureKind, Pictures

SeenKind = Literal["dermoscopic", "clinical", "neither"]


@dataclass(frozen=True, slots=True)
class SeenPicture:
    """What kind of picture it is.

    Attributes:
        kind: `neither` where the out-of-distribution detector refuses it.
        dermoscopic_probability: that it is dermoscopic and not clinical, 0 to 1.
    """

    kind: SeenKind
    dermoscopic_probability: float


@dataclass(frozen=True, slots=True)
class PictureRecogniser:
    """The bundle's linear step, loaded; the formula is in `dermdistill.bundle.pictures`."""

    parameters: Pictures
    weights: NDArray[np.float64]

    @classmethod
    def load(cls, bundle: OpenBundle) -> Self | None:
        """Read the weights; None where the bundle knows no kinds of pictures.

        Raises:
            BundleError: the weights have another shape than declared, or are no numbers.
        """
        parameters = bundle.spec.pictures
        if parameters is None:
            return None
        return cls(parameters, bundle.array(parameters.weights).astype(np.float64))

    def dermoscopic_probability(self, embedding: NDArray[np.float32]) -> float:
        """That the picture is dermoscopic, from its embedding `[features]`; 0 to 1."""
        return logistic(float(embedding.astype(np.float64) @ self.weights) + self.parameters.bias)


def logistic(z: float) -> float:
    """`1 / (1 + exp(-z))`, without overflow."""
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def seen_picture(dermoscopic_probability: float, *, refused: bool) -> SeenPicture:
    """Name the kind of picture that is told."""
    kind: SeenKind = "dermoscopic" if dermoscopic_probability >= 0.5 else "clinical"
    return SeenPicture("neither" if refused else kind, dermoscopic_probability)


def sure_kind(dermoscopic_probability: float, sure_from: float) -> PictureKind | None:
    """The kind whose own thresholds hold; None where the bundle's do, since it is not sure enough."""
    if dermoscopic_probability >= sure_from:
        return "dermoscopic"
    return "clinical" if 1 - dermoscopic_probability >= sure_from else None


def spec_for(spec: BundleSpec, kind: PictureKind | None) -> BundleSpec:
    """The bundle as it answers pictures of a kind; as it is without one, or where that has nothing own."""
    own = None if spec.pictures is None or kind is None else spec.pictures.kinds[kind]
    if own is None:
        return spec
    update: dict[str, object] = {
        name: value
        for name in ("temperature", "class_priors", "operating_points", "conformal")
        if (value := getattr(own, name))
    }
    return spec.model_copy(update=update)
