"""JPEG, PNG, WebP, BMP and TIFF to RGB pixels, by OpenCV."""

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError
from dermdistill.imaging.header import ImageHeader
from dermdistill.imaging.large import in_turn, is_large

# Every failure is reported by an ImageError; OpenCV's own messages would tear progress bars.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def decode_by_opencv(
    data: bytes, header: ImageHeader, *, name: str, upright: bool = True
) -> NDArray[np.uint8]:
    """Decode to RGB uint8 `[height, width, 3]`, a JPEG of more than 25 megapixels at half its size.

    The half (by DCT scaling) leaves more pixels than most cameras take
    (docs/decisions/0008-one-answer-on-every-machine.md).

    Args:
        data: the whole file.
        header: what `read_header` found in it.
        name: what to call it in an error.
        upright: turn it by its EXIF orientation.

    Raises:
        ImageError: it is damaged so that the decoder notices.
    """
    halved = header.format == "JPEG" and is_large(header.width, header.height)
    flags = cv2.IMREAD_REDUCED_COLOR_2 if halved else cv2.IMREAD_COLOR_RGB
    if not upright:
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    with in_turn(header.width, header.height):
        try:
            rgb = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
            if halved and rgb is not None:  # this flag has no RGB of its own
                rgb = cv2.cvtColor(rgb, cv2.COLOR_BGR2RGB, dst=rgb)
        except (cv2.error, MemoryError):
            rgb = None
    if rgb is None:
        unless = ", or of a kind that is not read" if header.format == "TIFF" else ""
        raise ImageError(
            f"{name} is damaged{unless}: the {header.format} cannot be decoded; copy or export it again."
        )
    return np.asarray(rgb, np.uint8)
