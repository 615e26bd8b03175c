"""How large a picture may be, and the errors that say that it cannot be read."""

import threading
from contextlib import AbstractContextManager, nullcontext

from dermdistill.constants import CONSTANTS
from dermdistill.errors import ImageError, UnreadableError

MAX_PIXELS: int = CONSTANTS["image"]["most_pixels"]
MAX_SIDE: int = CONSTANTS["image"]["most_side"]  # a JPEG's; some decoders keep a pointer for each row
# What decoding may take beside the file itself. Each kind of file has its estimate, made before decoding.
MAX_MEMORY_BYTES = 600_000_000
# A larger picture comes out at half its width and height, and only one is decoded at a time.
LARGE_PIXELS = 25_000_000
_STRIP_BYTES = 20_000_000  # a strip of a megapixel, as Pillow, NumPy and LittleCMS have it

_turn = threading.Lock()


class UnsupportedFormatError(ImageError):
    """The bytes are no image, or of a format that is not read."""


class MissingExtraError(UnsupportedFormatError, UnreadableError):
    """The format is read by an optional package that is not installed."""


class ImageTooLargeError(ImageError):
    """The image has more pixels or bytes, or takes more memory, than is allowed."""


def is_large(width: int, height: int) -> bool:
    """Tell whether a picture has more than 25 megapixels."""
    return width * height > LARGE_PIXELS


def in_turn(width: int, height: int) -> AbstractContextManager[object]:
    """Wait, if a picture is large, until no other large one is being decoded."""
    return _turn if is_large(width, height) else nullcontext()


def check_size(width: int, height: int, name: str) -> None:
    """Check a picture's size in pixels.

    Raises:
        ImageError: it has no pixels.
        ImageTooLargeError: it has more than `MAX_PIXELS`, or a side is longer than `MAX_SIDE`.
    """
    if width < 1 or height < 1:
        raise ImageError(f"{name} says it is {width} x {height} pixels; give an image with pixels in it.")
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(
            f"{name} has {width} x {height} pixels, more than the {MAX_PIXELS // 1_000_000} megapixels "
            "allowed; make it smaller."
        )
    if max(width, height) > MAX_SIDE:
        raise ImageTooLargeError(
            f"{name} has {width} x {height} pixels, and a side may have {MAX_SIDE}; cut or make it smaller."
        )


def result_bytes(width: int, height: int) -> float:
    """Estimate what a picture's RGB takes while it is made and turned, beside what its decoder takes."""
    return 6 * width * height / (4 if is_large(width, height) else 1) + _STRIP_BYTES


def check_memory(needed: float, kind: str, name: str) -> None:
    """Check the bytes that decoding is estimated to take, `result_bytes` included, beside the file itself.

    Raises:
        ImageTooLargeError: they are more than `MAX_MEMORY_BYTES`.
    """
    if needed > MAX_MEMORY_BYTES:
        raise ImageTooLargeError(
            f"{name} is a {kind} that takes {needed / 1e6:.0f} MB to decode, more than the "
            f"{MAX_MEMORY_BYTES // 1_000_000} MB allowed; make it smaller."
        )
