"""Let a small file say, wherever its format says it, that its picture is large: what decoders reserve for."""

import random
import re
import struct
import zlib
from collections.abc import Callable

_SIDES = (1, 2, 64, 1000, 3000, 4999, 5001, 8000, 9999, 10_000, 16_383, 16_384, 32_768, 65_535, 65_536, 10**6)


def grow(rng: random.Random, kind: str, data: bytearray) -> None:
    """Set the width and the height of a picture in place, or one of them."""
    width, height = rng.choice(_SIDES), rng.choice(_SIDES)
    if rng.random() < 0.5:  # about what is allowed
        height = max(1, min(100_000_000 // width, 65_535))
    if kind in _GROW:
        _GROW[kind](rng, data, width, height)


def _bmp(rng: random.Random, data: bytearray, width: int, height: int) -> None:
    if len(data) >= 26:
        struct.pack_into("<ii", data, 18, width, rng.choice((height, -height)))


def _jpeg(rng: random.Random, data: bytearray, width: int, height: int) -> None:
    for found in re.finditer(rb"\xff[\xc0-\xc3]\0.\x08", bytes(data), re.DOTALL):
        if found.end() + 4 <= len(data):
            struct.pack_into(">HH", data, found.end(), height % 65_536, width % 65_536)


def _png(rng: random.Random, data: bytearray, width: int, height: int) -> None:
    if len(data) >= 33:
        struct.pack_into(">II", data, 16, width, height)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))


def _webp(rng: random.Random, data: bytearray, width: int, height: int) -> None:
    across, down = (width - 1) % 16_384, (height - 1) % 16_384
    lossy, lossless, canvas = data.find(b"\x9d\x01\x2a"), data.find(b"VP8L"), data.find(b"VP8X")
    if 0 <= lossy <= len(data) - 7:
        struct.pack_into("<HH", data, lossy + 3, across + 1, down + 1)
    if 0 <= lossless <= len(data) - 13:
        kept = struct.unpack_from("<I", data, lossless + 9)[0] & 0xF000_0000
        struct.pack_into("<I", data, lossless + 9, kept | across | down << 14)
    if 0 <= canvas <= len(data) - 18:
        data[canvas + 12 : canvas + 18] = across.to_bytes(3, "little") + down.to_bytes(3, "little")


def _tiff(rng: random.Random, data: bytearray, width: int, height: int) -> None:
    """Also its tiles, its rows a strip and its samples, now and then."""
    said = {256: width, 257: height}
    if rng.random() < 0.5:
        said |= {278: height, 322: rng.choice(_SIDES) // 16 * 16, 323: rng.choice(_SIDES) // 16 * 16}
    if rng.random() < 0.2:
        said[277] = rng.choice(_SIDES)
    order = "<" if data[:1] == b"I" else ">"
    if len(data) < 16:
        return
    start = struct.unpack_from(f"{order}I", data, 4)[0]
    count = struct.unpack_from(f"{order}H", data, start)[0] if start + 2 <= len(data) else 0
    for at in range(start + 2, min(start + 2 + 12 * count, len(data) - 11), 12):
        if (tag := struct.unpack_from(f"{order}H", data, at)[0]) in said:
            struct.pack_into(f"{order}HII", data, at + 2, 4, 1, said[tag])


def _heic(rng: random.Random, data: bytearray, width: int, height: int) -> None:
    """The sizes of all images, or of one: a grid, its tiles, a thumbnail."""
    places = [found.end() for found in re.finditer(rb"ispe\0\0\0\0", bytes(data))]
    for at in places if rng.random() < 0.5 else places[:1]:
        if at + 8 <= len(data):
            struct.pack_into(">II", data, at, width, height)


def _dicom(rng: random.Random, data: bytearray, width: int, height: int) -> None:
    """The file's rows and columns, and what a stream inside it says of itself."""
    for element, value in ((0x10, height), (0x11, width)):
        at = data.find(struct.pack("<HH", 0x28, element))
        if 0 <= at <= len(data) - 10:
            struct.pack_into("<H", data, at + 8, value % 65_536)
    stream = data.rfind(b"\xff\x4f\xff\x51")
    if 0 <= stream <= len(data) - 24:
        struct.pack_into(">II", data, stream + 8, width, height)
        if rng.random() < 0.5 and stream + 32 <= len(data):  # one tile as large as the picture
            struct.pack_into(">II", data, stream + 24, width, height)
    _jpeg(rng, data, width, height)


_GROW: dict[str, Callable[[random.Random, bytearray, int, int], None]] = {
    "BMP": _bmp,
    "DICOM": _dicom,
    "HEIC": _heic,
    "JPEG": _jpeg,
    "PNG": _png,
    "TIFF": _tiff,
    "WebP": _webp,
}
