"""PNG, WebP, BMP, TIFF, JPEG 2000 and CMYK JPEG to RGB pixels, by Pillow.

Pillow is in OSS-Fuzz, and new releases bring its libraries' corrections within weeks. Each format's own class
is asked, so that no other decoder is tried, and Pillow's limit on pixels (ours is lower) does not warn.
"""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from dermdistill.errors import ImageError
from dermdistill.imaging.decoders.flatten import UnreadModeError, flatten
from dermdistill.imaging.limits import UnsupportedFormatError, is_large
from dermdistill.imaging.still import Still

_OPENERS: dict[str, Callable[[BytesIO], ImageFile]] = {
    "BMP": BmpImageFile,
    "JPEG": JpegImageFile,
    "JPEG 2000": Jpeg2KImageFile,
    "PNG": PngImageFile,
    "TIFF": TiffImageFile,
    "WebP": WebPImageFile,
}


def decode_by_pillow(still: Still, *, name: str) -> NDArray[np.uint8]:
    """Decode to sRGB uint8 `[height, width, 3]`, not turned; at half its size if it is large.

    Transparent pixels are laid over white.

    Raises:
        UnsupportedFormatError: it is of a kind that Pillow does not read.
        ImageError: it is damaged so that the decoder notices.
    """
    halved = is_large(still.width, still.height)
    try:
        with _OPENERS[still.format](BytesIO(still.data)) as image:
            _load(image, still, halved=halved)
            return flatten(
                image.size,
                lambda rows: image.crop((0, rows.start, image.width, rows.stop)),
                profile=still.profile,
                halved=halved and image.size == (still.width, still.height),
                alpha=still.format != "BMP",  # whose fourth channel is mostly zeros that mean nothing
            )
    except (SyntaxError, UnreadModeError) as error:  # the first is Pillow's word for an unknown mode
        raise UnsupportedFormatError(
            f"{name} is damaged, or of a kind that is not read: the {still.format} cannot be decoded; export "
            "it again, with 8 bits a colour."
        ) from error
    except Exception as error:  # a damaged file brings up more than Pillow's documentation says
        raise ImageError(
            f"{name} is damaged: the {still.format} cannot be decoded; copy or export it again."
        ) from error


def _load(image: ImageFile, still: Still, *, halved: bool) -> None:
    """Decode, by formats that can do so at half the size if that is asked for."""
    if image.size != (still.width, still.height):
        raise ValueError("another size than its header says")
    if halved and isinstance(image, JpegImageFile):
        image.draft(None, (still.width // 2, still.height // 2))
    if halved and isinstance(image, Jpeg2KImageFile):
        image.reduce = 1
    image.load()
