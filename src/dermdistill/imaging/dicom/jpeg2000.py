"""Check a JPEG 2000 codestream's main header (ITU-T T.800, annex A), which tells what decoding takes."""

import struct
from dataclasses import dataclass
from math import ceil

from dermdistill.errors import ImageError
from dermdistill.imaging.limits import (
    UnsupportedFormatError,
    check_memory,
    check_size,
    is_large,
    result_bytes,
)
from dermdistill.imaging.still import Still

_START, _SIZ, _COD, _SOT, _SOD = 0xFF4F, 0xFF51, 0xFF52, 0xFF90, 0xFF93
_COC, _POC, _PPM, _PPT, _RGN = 0xFF53, 0xFF5F, 0xFF60, 0xFF61, 0xFF5E
_UNREAD = frozenset({_COC, _POC, _PPM, _PPT, _RGN})
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
# OpenJPEG keeps four bytes a value, twice, and Pillow four a pixel; at half size it needs far less.
_BYTES_A_PIXEL, _BYTES_A_PIXEL_HALVED = 17, 4.5
_MAX_LAYERS, _MAX_TILES, _MAX_PRECINCTS, _MAX_PARTS = 100, 10_000, 1_000_000, 100_000


@dataclass(frozen=True, slots=True)
class Codestream:
    """A codestream to decode, and whether decoding undoes the colour transform that its encoder made."""

    still: Still
    transformed: bool


def read_jpeg2000(data: bytes, name: str) -> Codestream:
    """Look at a JPEG 2000 codestream of three channels of 8 bits.

    Raises:
        UnsupportedFormatError: it has other channels, or options that no camera uses.
        ImageError: it is cut off, damaged, or too large.
    """
    data = _unwrapped(data)
    try:
        segments = list(_main_header(data))
        siz = next(body for marker, body in segments if marker == _SIZ)
        cod = next(body for marker, body in segments if marker == _COD)
        width, height, tiles = _size(siz, name)
        levels, transformed = _coding(cod, width, height, name)
        if tiles > _MAX_TILES or _UNREAD & {marker for marker, _ in [*segments, *_tile_headers(data)]}:
            raise _unread(name)
    except (struct.error, StopIteration, IndexError) as error:
        raise ImageError(f"{name} is damaged: its JPEG 2000 cannot be decoded; export it again.") from error
    halved = is_large(width, height)
    if halved and levels == 0:  # then there is no half that could be decoded alone
        raise _unread(name)
    each = _BYTES_A_PIXEL_HALVED if halved else _BYTES_A_PIXEL
    check_memory(each * width * height + result_bytes(width, height), "JPEG 2000", name)
    return Codestream(Still("JPEG 2000", width, height, data), transformed)


def _unwrapped(data: bytes) -> bytes:
    """Take the codestream out of a JP2 file, which DICOM does not allow and some writers make."""
    at = 0
    while data.startswith(_JP2) and at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"jp2c":
            return data[at + 8 :]
        if length < 8:
            break
        at += length
    return data


def _main_header(data: bytes) -> list[tuple[int, bytes]]:
    """Return the markers before the first tile, each with its content."""
    if struct.unpack_from(">H", data)[0] != _START:
        raise IndexError("no codestream")
    found: list[tuple[int, bytes]] = []
    at = 2
    while True:
        marker, length = struct.unpack_from(">HH", data, at)
        if marker == _SOT:
            return found
        if length < 2 or len(found) > 1000:
            raise IndexError("a header without end")
        found.append((marker, data[at + 4 : at + 2 + length]))
        at += 2 + length


def _tile_headers(data: bytes) -> list[tuple[int, bytes]]:
    """Return the markers of every tile part, by the lengths that the parts say they have."""
    found: list[tuple[int, bytes]] = []
    at = data.find(b"\xff\x90")
    for _ in range(_MAX_PARTS):
        if at + 12 > len(data) or struct.unpack_from(">H", data, at)[0] != _SOT:
            return found
        length = struct.unpack_from(">I", data, at + 6)[0]
        inside = at + 12
        while struct.unpack_from(">H", data, inside)[0] != _SOD:
            marker, size = struct.unpack_from(">HH", data, inside)
            found.append((marker, b""))
            inside += 2 + max(size, 2)
        if length < 14:  # 0: to the end of the file
            return found
        at += length
    raise IndexError("a codestream of too many parts")


def _size(siz: bytes, name: str) -> tuple[int, int, int]:
    right, bottom, left, top, across, down, tile_x, tile_y, channels = struct.unpack_from(">8IH", siz, 2)
    width, height = right - left, bottom - top
    check_size(width, height, name)
    if channels != 3 or siz[36 : 36 + 9] != b"\7\1\1" * 3 or left or top or tile_x or tile_y:
        raise _unread(name)
    return width, height, ceil(width / max(across, 1)) * ceil(height / max(down, 1))


def _coding(cod: bytes, width: int, height: int, name: str) -> tuple[int, bool]:
    """Return the halvings that the wavelets made, and whether the channels were transformed together."""
    layers, transformed, levels = struct.unpack_from(">HBB", cod, 2)
    precincts = 0.0
    for level in range(levels + 1):
        side = cod[10 + level] if cod[0] & 1 else 0xFF
        shrunk = 2 ** (levels - level)
        precincts += ceil(width / shrunk / 2 ** (side & 15)) * ceil(height / shrunk / 2 ** (side >> 4))
    if levels > 32 or not 1 <= layers <= _MAX_LAYERS or precincts * layers > _MAX_PRECINCTS:
        raise _unread(name)
    return levels, transformed == 1


def _unread(name: str) -> UnsupportedFormatError:
    return UnsupportedFormatError(
        f"{name} holds a JPEG 2000 of a kind that is not read; give three channels of 8 bits, or a JPEG."
    )
