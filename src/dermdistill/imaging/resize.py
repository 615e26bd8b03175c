"""Area interpolation to a square, by squashing: no crop, so that no part of a lesion is lost."""

import cv2
import numpy as np
from numpy.typing import NDArray

IMAGE_SIZE = 224


def resize_square(image: NDArray[np.uint8], size: int = IMAGE_SIZE) -> NDArray[np.uint8]:
    """Squash an RGB uint8 image `[height, width, 3]` to `[size, size, 3]`.

    Where a side shrinks, each new pixel is the mean of the area it covers, rounded to the nearest integer.
    Pixels at the area's borders have fractional weights. For a whole factor that is the mean of a block. An
    image smaller than `size` is enlarged bilinearly.
    """
    return np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
