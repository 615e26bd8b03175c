"""Check a BMP's header."""

import struct

from dermdistill.errors import ImageError
from dermdistill.imaging.limits import UnsupportedFormatError, check_memory, check_size, result_bytes
from dermdistill.imaging.still import Still

_UNCOMPRESSED, _RUN_LENGTHS = {0, 3, 6}, {1, 2}
_DEPTHS = {1, 4, 8, 16, 24, 32}
_MAX_RUN_LENGTH_PIXELS = 1_000_000  # Pillow decodes these in Python
_BYTES_A_RUN = 2  # and a run has at least a pixel; runs of none would make it work without end
_LAST_RUN_BYTES = 1024
_BYTES_A_PIXEL = 4  # of Pillow


def read_bmp(data: bytes, name: str) -> Still:
    """Look at a BMP.

    Raises:
        ImageError: it is cut off, of a kind that is not read, or too large.
    """
    try:
        start, head = struct.unpack_from("<II", data, 10)
        form = "<HHHH" if head == 12 else "<iiHH"
        width, height, _, depth = struct.unpack_from(form, data, 18)
        compression = 0 if head == 12 else struct.unpack_from("<I", data, 30)[0]
    except struct.error as error:
        raise ImageError(f"{name} is cut off: its BMP header is incomplete; copy it again.") from error
    height = abs(height)
    check_size(width, height, name)
    if depth not in _DEPTHS or compression not in _UNCOMPRESSED | _RUN_LENGTHS:
        raise UnsupportedFormatError(f"{name} is a BMP of a kind that is not read; export it as PNG.")
    if compression in _RUN_LENGTHS and width * height > _MAX_RUN_LENGTH_PIXELS:
        raise UnsupportedFormatError(
            f"{name} is a large BMP compressed by run lengths, which is not read; export it as PNG."
        )
    most = start + _BYTES_A_RUN * (width + 1) * height + _LAST_RUN_BYTES
    if compression in _RUN_LENGTHS and len(data) > most:
        raise ImageError(f"{name} is a BMP with more run lengths than pixels; export it as PNG.")
    if compression in _UNCOMPRESSED and start + (width * depth + 31) // 32 * 4 * height > len(data):
        raise ImageError(f"{name} is cut off or damaged: the BMP cannot be decoded; copy it again.")
    check_memory(_BYTES_A_PIXEL * width * height + result_bytes(width, height), "BMP", name)
    return Still("BMP", width, height, data)
