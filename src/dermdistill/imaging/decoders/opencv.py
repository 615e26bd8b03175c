"""JPEG to RGB pixels, by OpenCV (libjpeg-turbo)."""

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError
from dermdistill.imaging.colour.profiles import convert_in_place
from dermdistill.imaging.limits import is_large
from dermdistill.imaging.still import Still

# Every failure is reported by an ImageError; OpenCV's own messages would tear progress bars.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def decode_by_opencv(still: Still, *, name: str) -> NDArray[np.uint8]:
    """Decode a JPEG to sRGB uint8 `[height, width, 3]`, not turned.

    One of more than 25 megapixels comes out at half its size (by DCT scaling), which leaves more pixels than
    most cameras take (docs/decisions/0008-one-answer-on-every-machine.md).

    Raises:
        ImageError: it is damaged so that the decoder notices.
    """
    halved = is_large(still.width, still.height)
    flags = cv2.IMREAD_REDUCED_COLOR_2 if halved else cv2.IMREAD_COLOR_RGB
    try:
        rgb = cv2.imdecode(np.frombuffer(still.data, np.uint8), flags | cv2.IMREAD_IGNORE_ORIENTATION)
        if halved and rgb is not None:  # this flag has no RGB of its own
            rgb = cv2.cvtColor(rgb, cv2.COLOR_BGR2RGB, dst=rgb)
    except (cv2.error, MemoryError):
        rgb = None
    if rgb is None:
        raise ImageError(f"{name} is damaged: the JPEG cannot be decoded; copy or export it again.")
    pixels = np.asarray(rgb, np.uint8)
    convert_in_place(pixels, still.profile, grey=still.channels == 1)
    return pixels
