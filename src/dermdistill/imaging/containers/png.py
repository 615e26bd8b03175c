"""Check a PNG's chunks, and leave out all but those that make up its first picture (PNG 3rd edition)."""

import struct
import zlib

from dermdistill.errors import ImageError
from dermdistill.imaging.colour.primaries import REC_709, SRGB_CURVE, coded_profile, matrix_profile
from dermdistill.imaging.limits import check_memory, check_size, result_bytes
from dermdistill.imaging.orientation import exif_orientation
from dermdistill.imaging.still import Still

_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_READ = frozenset({b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"eXIf"})
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by colour type
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_PALETTE = 3
# Where each pass of an interlaced picture starts, and its steps: left, top, across, down (PNG, 8.2).
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PIECE_BYTES = 1_000_000
_MAX_CHUNKS = 100_000
_MAX_PROFILE = 4_000_000
_MAX_RATIO = 1032  # of deflate: a byte becomes at most 1032
_SRGB_GAMMA = 45_455  # times 100,000; what writers of sRGB give
_BYTES_A_PIXEL = 4  # of Pillow


def read_png(data: bytes, name: str) -> Still:
    """Look at a PNG, and leave out what is not its first picture: animations, texts, unknown chunks.

    Raises:
        ImageError: a chunk is cut off or damaged, the header is wrong, or the picture is too large.
    """
    if data[8:16] != b"\0\0\0\rIHDR" or len(data) < 33:
        raise ImageError(f"{name} is cut off or damaged: the PNG has no header; copy it again.")
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    check_size(width, height, name)
    pieces: list[bytes] = [data[:8]]
    compressed: list[memoryview] = []
    said: dict[bytes, bytes] = {}
    for kind, start, end in _chunks(data, name):
        if kind in _KEPT:
            pieces.append(data[start - 8 : end + 4])
            said.setdefault(kind, b"")
            if kind == b"IDAT":
                compressed.append(memoryview(data)[start:end])
        elif kind in _READ:
            said.setdefault(kind, data[start:end])
        elif not kind[0] & 0x20:
            raise ImageError(f"{name} is a PNG with parts that are not known; export it again.")
    if depth not in _DEPTHS.get(colour, ()) or (colour == _PALETTE and b"PLTE" not in said):
        raise ImageError(f"{name} is damaged: the PNG says wrongly what its colours are; copy it again.")
    size = sum(map(len, compressed))
    check_memory(size + _BYTES_A_PIXEL * width * height + result_bytes(width, height), "PNG", name)
    if not _inflates(compressed, size, _filtered_bytes(width, height, depth * _SAMPLES[colour], interlaced)):
        raise ImageError(f"{name} is damaged: the PNG cannot be decoded; copy it again.")
    return Still(
        "PNG",
        width,
        height,
        b"".join(pieces),
        profile=_profile(said),
        orientation=exif_orientation(said.get(b"eXIf", b"")),
    )


def _chunks(data: bytes, name: str) -> list[tuple[bytes, int, int]]:
    """Return each chunk's kind, and where its content starts and ends, up to the picture's end."""
    found: list[tuple[bytes, int, int]] = []
    at = 8
    while len(found) < _MAX_CHUNKS:
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        start, end = at + 8, at + 8 + length
        if end + 4 > len(data):
            raise ImageError(f"{name} is cut off or damaged: the PNG has no end; copy it again.")
        if kind in _KEPT and zlib.crc32(memoryview(data)[at + 4 : end]) != int.from_bytes(
            data[end : end + 4]
        ):
            raise ImageError(f"{name} is damaged: the PNG cannot be decoded; copy it again.")
        if found and kind == b"IHDR":
            raise ImageError(f"{name} is damaged: the PNG has two headers; copy it again.")
        found.append((kind, start, end))
        if kind == b"IEND":
            return found
        at = end + 4
    raise ImageError(f"{name} has more than {_MAX_CHUNKS} chunks, as no program makes; export it again.")


def _filtered_bytes(width: int, height: int, bits: int, interlaced: int) -> int:
    """Return the bytes of all rows, each with the number of its filter before it (PNG, 9.2)."""
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    sides = [(-(-(width - left) // across), -(-(height - top) // down)) for left, top, across, down in passes]
    return sum(rows * (1 + (columns * bits + 7) // 8) for columns, rows in sides if columns > 0 and rows > 0)


def _inflates(compressed: list[memoryview], size: int, expected: int) -> bool:
    """Tell whether the picture is whole: Pillow leaves black what a stream that ends well lacks."""
    if expected > _MAX_RATIO * size:
        return False
    inflate, left = zlib.decompressobj(), expected
    try:
        for piece in compressed:
            waiting: bytes | memoryview = piece
            while waiting and left > 0 and not inflate.eof:
                left -= len(inflate.decompress(waiting, _PIECE_BYTES))
                waiting = inflate.unconsumed_tail
    except zlib.error:
        return False
    return left <= 0


def _profile(said: dict[bytes, bytes]) -> bytes | None:
    """Return what the colours are, by the first that is there: cICP, iCCP, sRGB, then cHRM and gAMA."""
    if len(coded := said.get(b"cICP", b"")) == 4:
        return coded_profile(coded[0], coded[1])
    if b"iCCP" in said:
        _, _, rest = said[b"iCCP"].partition(b"\0")
        inflate = zlib.decompressobj()
        try:
            return inflate.decompress(rest[1:], _MAX_PROFILE) or None
        except zlib.error:
            return None
    if b"sRGB" in said or not said.keys() & {b"cHRM", b"gAMA"}:
        return None
    points = struct.unpack(">8I", said[b"cHRM"]) if len(said.get(b"cHRM", b"")) == 32 else ()
    numbers = [value / 100_000 for value in points]
    gamma = int.from_bytes(said.get(b"gAMA", b"")[:4]) or _SRGB_GAMMA
    curve = SRGB_CURVE if abs(gamma - _SRGB_GAMMA) < 1000 else 100_000 / gamma
    try:
        return matrix_profile((*numbers[2:], *numbers[:2]) if numbers else REC_709, curve)
    except ValueError:
        return None
