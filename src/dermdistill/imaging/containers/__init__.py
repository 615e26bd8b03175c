"""Look at a file before any decoder does: each check makes a `Still` of its bytes, or raises."""

from collections.abc import Callable
from types import MappingProxyType

from dermdistill.imaging.containers.bmp import read_bmp
from dermdistill.imaging.containers.heic import read_heic
from dermdistill.imaging.containers.jpeg import read_jpeg
from dermdistill.imaging.containers.png import read_png
from dermdistill.imaging.containers.tiff import read_tiff
from dermdistill.imaging.containers.webp import read_webp
from dermdistill.imaging.still import Still

CONTAINERS: MappingProxyType[str, Callable[[bytes, str], Still]] = MappingProxyType(
    {
        "BMP": read_bmp,
        "HEIC": read_heic,
        "JPEG": read_jpeg,
        "PNG": read_png,
        "TIFF": read_tiff,
        "WebP": read_webp,
    }
)

__all__ = ["CONTAINERS"]
