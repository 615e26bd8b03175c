"""The one preprocessing: decode, turn upright, convert to sRGB, area-resize to a square by squashing.

Training, inference and the browser use this algorithm; golden tests hold it. Normalisation is not here: it
lives inside each model's graph, so a model takes RGB uint8, 0-255.

`containers` and `dicom` examine a file before any decoder sees it: its kind, its size in pixels, what its
parts claim to be, and the memory that decoding takes. A decoder gets one still picture without metadata.
"""

from dermdistill.imaging.decode import check_image, decode_image
from dermdistill.imaging.limits import (
    MAX_MEMORY_BYTES,
    MAX_PIXELS,
    ImageTooLargeError,
    MissingExtraError,
    UnsupportedFormatError,
)
from dermdistill.imaging.read import read_image
from dermdistill.imaging.resize import IMAGE_SIZE, resize_square

__all__ = [
    "IMAGE_SIZE",
    "MAX_MEMORY_BYTES",
    "MAX_PIXELS",
    "ImageTooLargeError",
    "MissingExtraError",
    "UnsupportedFormatError",
    "check_image",
    "decode_image",
    "read_image",
    "resize_square",
]
