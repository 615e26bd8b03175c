"""Lesion masks as people draw them: in any value, in any channel, in a palette, or in transparency."""

import io
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.imaging import IMAGE_SIZE, read_image

MASK_SUFFIX = "_segmentation.png"


def read_mask(path: Path, size: int = IMAGE_SIZE) -> NDArray[np.bool_]:
    """Read a lesion mask, `[size, size]`, true on the lesion; squashed as the images are.

    Any value above 0 in any channel is lesion: masks are drawn with 255, with 1, or in one colour. Where some
    parts are transparent, the lesion is what is not. In a palette where all colours are black, or none,
    the numbers count.

    Raises:
        ImageError: it cannot be read, or shows no lesion.
    """
    read_image(path)  # refuses what is damaged, too large or no picture
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        inside = _inside(image).astype(np.float32)
    mask = cv2.resize(inside, (size, size), interpolation=cv2.INTER_AREA) >= 0.5
    if not mask.any():
        raise ImageError(f"{path} shows no lesion; leave the image out or give its mask.")
    return np.asarray(mask, np.bool_)


def _inside(image: Image.Image) -> NDArray[np.bool_]:
    """Which pixels of a mask `[height, width]` are lesion."""
    if image.has_transparency_data:
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
        if alpha.min() != alpha.max():
            return np.asarray(alpha > 0)
    if image.mode == "P":
        coloured = (np.asarray(image.convert("RGB")) > 0).any(axis=2)
        return np.asarray(coloured if coloured.any() and not coloured.all() else np.asarray(image) > 0)
    pixels = np.asarray(image)
    if image.mode in ("LA", "RGBA"):
        pixels = pixels[..., :-1]
    return np.asarray(pixels > 0 if pixels.ndim == 2 else (pixels > 0).any(axis=2))
