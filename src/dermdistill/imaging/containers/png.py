"""Check a PNG's chunks, and leave out all but those that make up its first picture (PNG 3rd edition)."""

import struct
import zlib

from dermdistill.errors import ImageError
from dermdistill.imaging.colour.primaries import REC_709, SRGB_CURVE, coded_profile, matrix_profile
from dermdistill.imaging.limits import check_memory, check_size
from dermdistill.imaging.orientation import exif_orientation
from dermdistill.imaging.still import Still

_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_READ = frozenset({b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"eXIf"})
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by colour type
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_MAX_CHUNKS = 100_000
_MAX_PROFILE = 4_000_000
_MAX_RATIO = 1032  # of deflate: a byte becomes at most 1032
_SRGB_GAMMA = 45_455  # times 100,000; what writers of sRGB give
_BYTES_A_PIXEL = 8  # Pillow's 4, and the result's


def read_png(data: bytes, name: str) -> Still:
    """Look at a PNG, and leave out what is not its first picture: animations, texts, unknown chunks.

    Raises:
        ImageError: a chunk is cut off or damaged, the header is wrong, or the picture is too large.
    """
    pieces, said = [data[:8]], {}
    compressed = 0
    for kind, start, end in _chunks(data, name):
        if kind in _KEPT:
            pieces.append(data[start - 8 : end + 4])
            compressed += (end - start) * (kind == b"IDAT")
        elif kind in _READ:
            said.setdefault(kind, data[start:end])
        elif not kind[0] & 0x20:
            raise ImageError(f"{name} is a PNG with parts that are not known; export it again.")
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    check_size(width, height, name)
    if depth not in _DEPTHS.get(colour, ()):
        raise ImageError(f"{name} is damaged: the PNG says wrongly what its colours are; copy it again.")
    if width * depth * _SAMPLES[colour] // 8 * height > _MAX_RATIO * compressed:
        raise ImageError(f"{name} is damaged: the PNG cannot be decoded, it has too few bytes; copy it again.")
    check_memory(compressed + _BYTES_A_PIXEL * width * height, "PNG", name)
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
        if kind in _KEPT and zlib.crc32(memoryview(data)[at + 4 : end]) != int.from_bytes(data[end : end + 4]):
            raise ImageError(f"{name} is damaged: the PNG cannot be decoded; copy it again.")
        if (kind == b"IHDR") != (not found) or (kind == b"IHDR" and length != 13):
            raise ImageError(f"{name} is damaged: the PNG has no header; copy it again.")
        found.append((kind, start, end))
        if kind == b"IEND":
            return found
        at = end + 4
    raise ImageError(f"{name} has more than {_MAX_CHUNKS} chunks, as no program makes; export it again.")


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
