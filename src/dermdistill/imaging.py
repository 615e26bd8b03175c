"""The one preprocessing of DermDistill: decode, honour EXIF orientation, area-resize to a square by squashing.

Training, inference and the browser use this algorithm; golden tests hold it. Normalisation is not here: it
lives inside each model's graph, so a model takes RGB uint8, 0-255.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError

IMAGE_SIZE = 224


def decode_image(data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
    """Decode an image file's bytes to RGB uint8 `[height, width, 3]`, upright by its EXIF orientation.

    Raises:
        ImageError: the bytes are empty or no image that can be decoded.
    """
    if not data:
        raise ImageError(f"{name} is empty; give a JPEG or PNG file.")
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ImageError(f"{name} is not an image that can be decoded; give a JPEG or PNG file.")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read and decode one image file; see `decode_image`.

    Raises:
        ImageError: the file cannot be read or decoded.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read ({error.strerror}); check the path.") from error
    return decode_image(data, name=str(path))


def resize_square(image: NDArray[np.uint8], size: int = IMAGE_SIZE) -> NDArray[np.uint8]:
    """Squash an RGB uint8 image `[height, width, 3]` to `[size, size, 3]` by area interpolation."""
    return np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
