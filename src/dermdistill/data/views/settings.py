"""How far an augmented view may go from its image."""

from pydantic import BaseModel, ConfigDict, Field

# What came after the first caches of teachers' logits. At its default, such a setting changes no view, and
# takes no part in the views' identity: the caches stay valid.
_LATER = {"hue", "gamma", "sharpness", "cutout", "jpeg"}


class ViewSettings(BaseModel):
    """How far a view may go from its image; all zero and `flips = false` gives the image back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rotation: float = Field(180.0, ge=0, le=180, description="Largest rotation, in degrees.")
    flips: bool = Field(default=True, description="Mirror half of the views.")
    shift: float = Field(0.1, ge=0, le=0.5, description="Largest shift, as a share of the side.")
    zoom: float = Field(
        0.25, ge=0, le=1, description="Largest zoom beyond 1 in either direction; 0.25 means 0.8 to 1.25."
    )
    aspect: float = Field(
        0.25, ge=0, le=1, description="Largest stretch of one side against the other beyond 1, as for zoom."
    )
    brightness: float = Field(
        0.1, ge=0, le=1, description="Largest change of brightness, as a share of the range."
    )
    contrast: float = Field(0.2, ge=0, le=1, description="Largest factor of contrast beyond 1, as for zoom.")
    saturation: float = Field(
        0.2, ge=0, le=1, description="Largest factor of saturation beyond 1, as for zoom."
    )
    tint: float = Field(
        0.08,
        ge=0,
        le=1,
        description="Largest gain of one colour channel beyond 1, as for zoom: light, camera.",
    )
    exact: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of views that are only turned by right angles and mirrored, and so stay sharp "
        "([decision 4](decisions/0004-sharp-views.md)).",
    )
    hue: float = Field(
        0.0,
        ge=0,
        le=180,
        description="Largest turn of the colour circle, in degrees. Keep it small: colour tells melanin from "
        "blood.",
    )
    gamma: float = Field(
        0.0, ge=0, le=1, description="Largest exponent beyond 1, as for zoom: a camera's tone curve."
    )
    sharpness: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Largest step towards the blurred image or as far away from it; exact views keep theirs.",
    )
    cutout: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Largest side, as a share, of the square that is covered by the image's mean colour "
        "(arXiv:1708.04552).",
    )
    jpeg: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of views that are saved as JPEG, at a quality of 40 to 95, and opened again.",
    )

    def identity(self) -> str:
        """The settings as text: equal texts give equal views of equal image, number and seed."""
        return self.model_dump_json(exclude={name for name in _LATER if not getattr(self, name)})
