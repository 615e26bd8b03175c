"""HEIC photographs, as phones take them, by pillow-heif (the extra `heic`)."""

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError
from dermdistill.imaging.header import MAX_PIXELS, ImageTooLargeError, MissingExtraError

_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})


def is_heic(data: bytes) -> bool:
    """Tell a HEIC file by its first box (ISO/IEC 23008-12, 10.2); AVIF and videos are none."""
    return data[4:8] == b"ftyp" and data[8:12] in _BRANDS


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
        if width * height > MAX_PIXELS:
            raise ImageTooLargeError(
                f"{name} has {width} x {height} pixels, more than the {MAX_PIXELS // 1_000_000} megapixels "
                "allowed; make it smaller."
            )
        return np.array(heif.to_pillow().convert("RGB"))
    except (ValueError, OSError, RuntimeError, EOFError, SyntaxError) as error:
        raise ImageError(f"{name} is a HEIC file that cannot be decoded ({error}); copy it again.") from error
