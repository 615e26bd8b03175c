"""Convert colours to sRGB by an embedded ICC profile, with LittleCMS.

A profile that cannot be read, or is of another kind of colours than the picture, is left out of account, as
in browsers. Colours beyond sRGB are cut off (relative colorimetric, with black point compensation).
"""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

MAX_PROFILE_BYTES = 4_000_000
STRIP_PIXELS = 1_000_000
# sRGB has several profiles, which differ by a level or two in dark colours.
_SAME_LEVELS = 2
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}


class Transform:
    """From one profile's colours to sRGB; `mode` is Pillow's for what it takes: RGB, L or CMYK."""

    def __init__(self, mode: str, transform: ImageCms.ImageCmsTransform):
        self.mode = mode
        self._transform = transform

    def __call__(self, image: Image.Image) -> Image.Image:
        """Convert an image of `mode` to sRGB, mode RGB."""
        return self._transform.apply(image)


@lru_cache(maxsize=8)
def transform_of(profile: bytes) -> Transform | None:
    """Return what converts a profile's colours to sRGB; None where nothing is to be done."""
    if len(profile) > MAX_PROFILE_BYTES:
        return None
    try:
        opened = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _MODES.get(opened.profile.xcolor_space.strip())
        if mode is None:
            return None
        transform = Transform(
            mode,
            ImageCms.ImageCmsTransform(
                opened,
                ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
                mode,
                "RGB",
                ImageCms.Intent.RELATIVE_COLORIMETRIC,
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            ),
        )
        return None if _changes_nothing(transform) else transform
    except Exception:  # LittleCMS and Pillow raise several kinds for what is not a profile
        return None


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert an image of mode RGB, L or CMYK to sRGB, mode RGB."""
    transform = transform_of(profile) if profile else None
    if transform is None or transform.mode not in {"RGB", image.mode}:
        return image.convert("RGB")
    return transform(image if image.mode == transform.mode else image.convert("RGB"))


def convert_in_place(rgb: NDArray[np.uint8], profile: bytes | None, *, grey: bool = False) -> None:
    """Convert an RGB image `[height, width, 3]` to sRGB where it is; `grey`: its channels are the same."""
    transform = transform_of(profile) if profile else None
    if transform is None or transform.mode != ("L" if grey and transform.mode == "L" else "RGB"):
        return
    for rows in strips(*rgb.shape[:2]):
        strip = rgb[rows]
        strip[:] = np.asarray(transform(Image.fromarray(strip[..., 0] if transform.mode == "L" else strip)))


def strips(height: int, width: int) -> Iterator[slice]:
    """Cut a picture into slices of rows, an even number each, of about `STRIP_PIXELS`."""
    rows = max(2, STRIP_PIXELS // width // 2 * 2)
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def _changes_nothing(transform: Transform) -> bool:
    if transform.mode == "CMYK":
        return False
    levels = np.arange(256, dtype=np.uint8)
    if transform.mode == "L":
        probe, plain = levels[None], np.repeat(levels[None, :, None], 3, axis=2)
    else:
        steps = np.arange(0, 256, 17, dtype=np.uint8)
        grid = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
        probe = plain = np.concatenate([grid, np.repeat(levels[None, :, None], 3, axis=2)], axis=1)
    shown = np.asarray(transform(Image.fromarray(probe))).astype(int)
    return bool(np.abs(shown - plain).max() <= _SAME_LEVELS)
