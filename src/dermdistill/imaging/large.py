"""Decoding a large picture takes hundreds of megabytes for a moment, so only one is decoded at a time."""

import threading
from contextlib import AbstractContextManager, nullcontext

LARGE_PIXELS = 25_000_000
_turn = threading.Lock()


def is_large(width: int, height: int) -> bool:
    """Tell whether a picture has more than 25 megapixels."""
    return width * height > LARGE_PIXELS


def in_turn(width: int, height: int) -> AbstractContextManager[object]:
    """Wait, if a picture is large, until no other large one is being decoded."""
    return _turn if is_large(width, height) else nullcontext()
