"""Turn and mirror pixels by their EXIF orientation."""

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.imaging.ifd import read_ifd

_ORIENTATION = 0x0112
_SHORT = 3


def exif_orientation(exif: bytes) -> int:
    """Return the orientation (EXIF 2.32, tag 0x0112; 1-8) that EXIF data name, 1 where they name none.

    It must be one SHORT, as EXIF says; browsers follow no other.

    Args:
        exif: a TIFF structure; some writers put `Exif` and two zero bytes before it where they should not.
    """
    exif = exif.removeprefix(b"Exif\0\0")
    try:
        directory = read_ifd(exif)
        if directory.entries.get(_ORIENTATION, ())[:2] != (_SHORT, 1):
            return 1
        value = directory.number(_ORIENTATION, 1)
    except ValueError:
        return 1
    return value if value in range(1, 9) else 1


def turn_upright(image: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn an image `[height, width, 3]` as stored so that it stands upright; 1 leaves it as it is."""
    if orientation in {5, 7, 8, 6}:
        image = np.asarray(cv2.transpose(image), np.uint8)
    if orientation in {2, 6}:
        image = np.asarray(cv2.flip(image, 1), np.uint8)
    elif orientation in {4, 8}:
        image = np.asarray(cv2.flip(image, 0), np.uint8)
    elif orientation in {3, 7}:
        image = np.asarray(cv2.flip(image, -1), np.uint8)
    return image
