"""Pictures of any mode, with transparency or a profile, to opaque sRGB, strip by strip."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdistill.imaging.colour.profiles import strips, to_srgb

_TRANSPARENT = frozenset({"RGBA", "RGBa", "LA", "PA"})
_PLAIN = frozenset({"L", "RGB", "CMYK"})
_UNREAD = frozenset({"I", "F", "LAB"})


class UnreadModeError(Exception):
    """The picture's values are of a kind that is not read."""


def flatten(
    size: tuple[int, int],
    strip_of: Callable[[slice], Image.Image],
    *,
    profile: bytes | None,
    halved: bool = False,
    alpha: bool = True,
) -> NDArray[np.uint8]:
    """Make sRGB uint8 `[height, width, 3]` of a picture, so that a large one is not in memory twice.

    Args:
        size: its width and height.
        strip_of: gives some of its rows.
        profile: the ICC profile of its colours, None for sRGB.
        halved: average two by two pixels.
        alpha: lay it over white where it is transparent.

    Raises:
        UnreadModeError: its values are of a kind that is not read.
    """
    width, height = size
    shape = ((height + 1) // 2, (width + 1) // 2, 3) if halved else (height, width, 3)
    result = np.empty(shape, np.uint8)
    for rows in strips(height, width):
        strip = _flat(strip_of(rows), profile, alpha=alpha, halved=halved)
        if halved:
            result[rows.start // 2 : (rows.stop + 1) // 2] = np.asarray(strip)
        else:
            result[rows] = np.asarray(strip)
    return result


def _flat(image: Image.Image, profile: bytes | None, *, alpha: bool, halved: bool) -> Image.Image:
    """Make one strip opaque sRGB, mode RGB.

    Opaque pixels are averaged before their colours are converted, as in a JPEG: a quarter of the work.
    """
    if image.mode in _UNREAD:
        raise UnreadModeError(image.mode)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif image.mode in _TRANSPARENT or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode not in _PLAIN:
        image = image.convert("RGB")
    if image.mode == "RGBA" and alpha:
        white = Image.new("RGB", image.size, "white")
        white.paste(to_srgb(image.convert("RGB"), profile), mask=image.getchannel("A"))
        return white.reduce(2) if halved else white
    opaque = image.convert("RGB") if image.mode == "RGBA" else image
    return to_srgb(opaque.reduce(2) if halved else opaque, profile)
