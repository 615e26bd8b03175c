"""Which kind of picture a network saw, and what holds for pictures of one kind instead of for all."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dermdistill.bundle.fields import Part, PositiveFloat, Probability
from dermdistill.bundle.verdicts import ArrayFile, Conformal, OperatingPoint

PictureKind = Literal["dermoscopic", "clinical"]


class OfKind(Part):
    """What was fitted on pictures of one kind; where a field is null or empty, the bundle's own value holds.

    A picture belongs here when it is recognised as of this kind, see `Pictures`; so do the pictures that all
    of it was fitted and measured on. `recognised` is the share of the pictures of this kind of
    `Pictures.split` that are recognised as it; `refused` is the share of their lesions with a picture that
    the out-of-distribution detector refuses.
    """

    temperature: PositiveFloat | None = None
    class_priors: dict[str, Annotated[float, Field(gt=0, le=1)]] | None = None
    operating_points: list[OperatingPoint] = Field(default_factory=list)
    conformal: Conformal | None = None
    distance_threshold: PositiveFloat | None = None
    recognised: Probability | None = None
    refused: Probability | None = None


class Pictures(Part):
    """Tells dermoscopic from clinical pictures by the embedding, in one linear step.

    With `z = embedding @ weights + bias`, `1 / (1 + exp(-z))` is the probability that the picture is
    dermoscopic. What `kinds` holds of a kind counts from a probability of `sure_from` for it on; between, the
    bundle's own values hold. A picture that the out-of-distribution detector refuses is of neither kind; its
    probabilities and thresholds are chosen all the same, so that no alarm is lost.
    """

    weights: ArrayFile
    bias: float
    sure_from: Annotated[float, Field(ge=0.5, lt=1)] = 0.9
    split: str
    kinds: dict[PictureKind, OfKind]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if len(self.weights.shape) != 1:
            raise ValueError("pictures.weights must be a vector, one weight for each feature")
        if set(self.kinds) != {"dermoscopic", "clinical"}:
            raise ValueError("pictures.kinds must be dermoscopic and clinical")
        return self
