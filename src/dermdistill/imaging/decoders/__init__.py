"""A still picture to upright sRGB pixels, by the decoder that is kept best for its format."""

import numpy as np
from numpy.typing import NDArray

from dermdistill.imaging.decoders.heic import decode_heic
from dermdistill.imaging.decoders.opencv import decode_by_opencv
from dermdistill.imaging.decoders.pillow import decode_by_pillow
from dermdistill.imaging.limits import in_turn
from dermdistill.imaging.orientation import turn_upright
from dermdistill.imaging.still import Still

_CMYK_CHANNELS = 4


def decode_still(still: Still, *, name: str) -> NDArray[np.uint8]:
    """Decode to sRGB uint8 `[height, width, 3]`, upright; at half its size if it has more than 25 megapixels.

    Raises:
        MissingExtraError: the format needs a package that is not installed.
        ImageError: it is damaged so that the decoder notices.
    """
    with in_turn(still.width, still.height):
        if still.format == "HEIC":
            pixels = decode_heic(still, name=name)
        elif still.format == "JPEG" and still.channels != _CMYK_CHANNELS:
            pixels = decode_by_opencv(still, name=name)
        else:
            pixels = decode_by_pillow(still, name=name)
        return turn_upright(pixels, still.orientation)


__all__ = ["decode_still"]
