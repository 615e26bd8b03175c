"""HEIC photographs, as phones take them, by pillow-heif (the extra `heic`)."""

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError
from dermdistill.imaging.header import MissingExtraError, check_pixels
from dermdistill.imaging.large import in_turn

_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})


def is_heic(data: bytes) -> bool:
    """Tell a HEIC file by its first box's brands (ISO/IEC 23008-12, 10.2); AVIF and videos have others."""
    if data[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(data[:4]), 1000)
    brands = {data[at : at + 4] for at in range(8, end, 4)}
    return bool(brands & _BRANDS) and b"avif" not in brands


def decode_heic(data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
    """Decode a HEIC file's main picture to RGB uint8 `[height, width, 3]`, upright.

    Raises:
        MissingExtraError: pillow-heif is not installed.
        ImageTooLargeError: there are more than `MAX_PIXELS`.
        ImageError: the file is cut off or damaged.
    """
    try:
        import pillow_heif  # noqa: PLC0415 - optional
    except ImportError as error:
        raise MissingExtraError(
            f"{name} is a HEIC file, and pillow-heif is not installed; run: pip install 'dermdistill[heic]'."
        ) from error
    try:
        heif = pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
        width, height = heif.size
        check_pixels(width, height, name)
        with in_turn(width, height):
            image = heif.to_pillow()
            if image.mode == "I;16":  # grey of more than 8 bits; Pillow's own conversion cuts off at 255
                image = image.point(lambda value: value / 256)
            return np.array(image.convert("RGB"))
    except ImageError:
        raise
    except Exception as error:  # a damaged file brings up more than pillow-heif says
        reason = " ".join(str(error).split())
        raise ImageError(
            f"{name} is a HEIC file that cannot be decoded ({reason}); copy it again."
        ) from error
