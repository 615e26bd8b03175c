"""Check a HEIC's boxes (ISO/IEC 23008-12) for what libheif's own limits, which count one image, let pass."""

import re
import struct

from dermdistill.errors import ImageError
from dermdistill.imaging.limits import UnsupportedFormatError, check_memory, check_size, result_bytes
from dermdistill.imaging.still import Still

_SIZE = re.compile(rb"ispe\0\0\0\0(.{8})", re.DOTALL)
_MAX_SIZES = 2000  # libheif reads files of up to 1,000 images
_BYTES_A_PIXEL = 6  # libheif's planes and its RGB


def read_heic(data: bytes, name: str) -> Still:
    """Look at a HEIC; its first size is the picture's or a tile's, and the decoder's check tells which.

    Raises:
        UnsupportedFormatError: it lays pictures over each other.
        ImageError: it is cut off, has no picture, or is too large.
    """
    meta = _meta(data, name)
    sizes = [struct.unpack(">II", size) for size in _SIZE.findall(meta)]
    if not sizes:
        raise ImageError(f"{name} is a HEIC without a picture in it; take or export it again.")
    if b"iovl" in meta or len(sizes) > _MAX_SIZES:
        raise UnsupportedFormatError(
            f"{name} is a HEIC of several pictures over each other, which is not read; export it as JPEG."
        )
    for width, height in sizes:
        check_size(width, height, name)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    check_memory(_BYTES_A_PIXEL * width * height + result_bytes(width, height), "HEIC", name)
    return Still("HEIC", width, height, data)


def _meta(data: bytes, name: str) -> bytes:
    """Return the box that says what is in the file; every box of the file must lie within it."""
    at, meta = 0, b""
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16])
        length = length or len(data) - at
        if length < 8 or at + length > len(data):
            raise ImageError(f"{name} is a HEIC file that cannot be decoded (it is cut off); copy it again.")
        if kind == b"meta" and not meta:
            meta = data[at : at + length]
        at += length
    return meta
