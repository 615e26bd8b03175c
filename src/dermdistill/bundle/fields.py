"""What every part of the schema shares: the strict base model and the checked field types."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(ge=0, le=1)]
Percentage = Annotated[float, Field(ge=0, le=100)]
PositiveFloat = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
# A plain name in the bundle's own folder: no slash, no leading dot, so no path can leave the folder.
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Shape = Annotated[list[Annotated[int, Field(gt=0)]], Field(min_length=1)]


class Part(BaseModel):
    """A part of bundle.json: unknown keys, NaN and infinity are errors; values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


GENERATED = "Generated pictures"
"""How the origin of a data set begins that a network made; a model card looks for it."""
