"""The one preprocessing: decode, honour EXIF orientation, area-resize to a square by squashing.

Training, inference and the browser use this algorithm; golden tests hold it. Normalisation is not here: it
lives inside each model's graph, so a model takes RGB uint8, 0-255.
"""

from dermdistill.imaging.decode import check_image, decode_image, read_image
from dermdistill.imaging.header import (
    MAX_PIXELS,
    ImageHeader,
    ImageTooLargeError,
    MissingExtraError,
    UnsupportedFormatError,
    read_header,
)
from dermdistill.imaging.resize import IMAGE_SIZE, resize_square

__all__ = [
    "IMAGE_SIZE",
    "MAX_PIXELS",
    "ImageHeader",
    "ImageTooLargeError",
    "MissingExtraError",
    "UnsupportedFormatError",
    "check_image",
    "decode_image",
    "read_header",
    "read_image",
    "resize_square",
]
