"""How far an augmented view may go from its image."""

from pydantic import BaseModel, ConfigDict, Field

# What came after the first caches of teachers' logits. At its default, such a setting changes no view, and
# takes no part in the views' identity: the caches stay valid.
_LATER = {"hue", "gamma", "sharpness", "cutout", "jpeg"}


class ViewSettings(BaseModel):
    """How far a view may go from its image; all zero and `flips = false` gives the image back.

    Attributes:
        rotation: largest rotation in degrees, 0 to 180.
        flips: mirror half of the views.
        shift: largest shift as a share of the side, 0 to 0.5.
        zoom: largest zoom as a factor beyond 1 in either direction; 0.25 means 0.8 to 1.25.
        aspect: largest stretch of one side against the other, same meaning.
        brightness: largest change as a share of the range.
        contrast, saturation: largest factor beyond 1, as for zoom.
        tint: largest gain of one channel beyond 1, as for zoom; the colour of light and camera.
        exact: share of views that are only turned by right angles and mirrored. Every other view is blurred a
            little by interpolation; a model that never sees a sharp picture fails on sharp ones
            (docs/decisions/0004-sharp-views.md).
        hue: largest turn of the colour circle in degrees, 0 to 180; colour tells melanin from blood: a few.
        gamma: largest exponent beyond 1, as for zoom; the tone curve of a camera.
        sharpness: largest step, up to 1, towards the blurred picture or as far away from it; views that are
            exact keep theirs.
        cutout: largest side, as a share, of the square that is covered by the picture's mean colour
            (arXiv:1708.04552); it may hang over the edge.
        jpeg: share of views that are saved as JPEG, at a quality of 40 to 95, and opened again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rotation: float = Field(180.0, ge=0, le=180)
    flips: bool = True
    shift: float = Field(0.1, ge=0, le=0.5)
    zoom: float = Field(0.25, ge=0, le=1)
    aspect: float = Field(0.25, ge=0, le=1)
    brightness: float = Field(0.1, ge=0, le=1)
    contrast: float = Field(0.2, ge=0, le=1)
    saturation: float = Field(0.2, ge=0, le=1)
    tint: float = Field(0.08, ge=0, le=1)
    exact: float = Field(0.5, ge=0, le=1)
    hue: float = Field(0.0, ge=0, le=180)
    gamma: float = Field(0.0, ge=0, le=1)
    sharpness: float = Field(0.0, ge=0, le=1)
    cutout: float = Field(0.0, ge=0, le=1)
    jpeg: float = Field(0.0, ge=0, le=1)

    def identity(self) -> str:
        """The settings as text: equal texts give equal views of equal image, number and seed."""
        return self.model_dump_json(exclude={name for name in _LATER if not getattr(self, name)})
