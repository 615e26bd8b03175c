"""What a container's check hands to a decoder: one still picture without metadata, and how to show it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Still:
    """One still picture, ready for a decoder.

    `width` and `height` are in pixels as stored, before it is turned by `orientation` (EXIF 2.32, 0x0112;
    1-8). `data` is a whole file of the kind `format`. `profile` is the ICC profile of its colours, None for
    sRGB. `channels` is 1 for grey, 3 for colour, 4 for CMYK, where that decides what decodes it; else 0.
    """

    format: str
    width: int
    height: int
    data: bytes
    profile: bytes | None = None
    orientation: int = 1
    channels: int = 0
