"""Change a file a little: anywhere, and where its format keeps lengths, sizes and kinds."""

import random
import struct
import zlib
from collections.abc import Callable

from fuzz.grow import grow

_EDGES = [0, 1, 2, 3, 7, 8, 15, 16, 17, 255, 256, 1000, 4096, 16_383, 32_767, 65_535, 65_536, 10_000, 100_000]
_EDGES += [2**24 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 2, 2**16 * 2**15]

_TAGS = (256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339, 347, 530)
_BOXES = (b"ispe", b"hvcC", b"iloc", b"ipma", b"iref", b"pitm", b"iinf", b"colr", b"irot", b"idat", b"grid")
# JPEG 2000's start, coding, quantisation and tile; JPEG's start and lossless frame; a fragment of DICOM.
_STREAMS = (
    b"\xff\x4f\xff\x51", b"\xff\x52", b"\xff\x5c", b"\xff\x90", b"\xff\xd8", b"\xff\xc3", b"\xfe\xff\x00\xe0",
)  # fmt: skip
_ELEMENTS = (
    (0x28, 2), (0x28, 4), (0x28, 6), (0x28, 8), (0x28, 0x10), (0x28, 0x11), (0x28, 0x100), (0x28, 0x101),
    (2, 0x10), (0x7FE0, 0x10),
)  # fmt: skip

# Of the inputs, those that say that they are large: each may take a decoder seconds.
_GROWN = 0.01

Mutation = Callable[[random.Random, bytearray], None]


def mutated(rng: random.Random, kind: str, seeds: list[bytes]) -> bytes:
    """Return a seed of a format with one to eight changes."""
    data = bytearray(rng.choice(seeds))
    own = _OWN.get(kind, [])
    if rng.random() < _GROWN:
        grow(rng, kind, data)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        if not data:
            break
        change = rng.choice(own) if own and rng.random() < 0.6 else rng.choice(_ANYWHERE)
        if change is _splice:
            _splice(rng, data, rng.choice(seeds))
        else:
            change(rng, data)
    return bytes(data)


def _place(rng: random.Random, data: bytearray) -> int:
    """A place in the file; more often near its start, where heads are."""
    place = rng.randrange(len(data))
    return min(place, rng.randrange(len(data))) if rng.random() < 0.5 else place


def _bit(rng: random.Random, data: bytearray) -> None:
    data[_place(rng, data)] ^= 1 << rng.randrange(8)


def _byte(rng: random.Random, data: bytearray) -> None:
    data[_place(rng, data)] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))


def _number(rng: random.Random, data: bytearray) -> None:
    """A number at the edge of something, in either order."""
    size, order = rng.choice((1, 2, 2, 4, 4, 8)), rng.choice(("little", "big"))
    at = _place(rng, data)
    data[at : at + size] = (rng.choice(_EDGES) % (1 << 8 * size)).to_bytes(size, order)


def _cut(rng: random.Random, data: bytearray) -> None:
    del data[rng.randrange(len(data)) :]


def _remove(rng: random.Random, data: bytearray) -> None:
    at = _place(rng, data)
    del data[at : at + rng.choice((1, 2, 4, 8, 64, 512))]


def _repeat(rng: random.Random, data: bytearray) -> None:
    at = _place(rng, data)
    piece = data[at : at + rng.choice((1, 4, 12, 64, 300))]
    data[at:at] = piece * rng.choice((1, 2, 10, 100))


def _insert(rng: random.Random, data: bytearray) -> None:
    at = _place(rng, data)
    data[at:at] = rng.randbytes(rng.choice((1, 2, 4, 16)))


def _splice(rng: random.Random, data: bytearray, other: bytes = b"") -> None:
    at, start = _place(rng, data), rng.randrange(len(other) or 1)
    data[at:] = other[start:]


_ANYWHERE: list[Mutation] = [_bit, _byte, _byte, _number, _number, _cut, _remove, _repeat, _insert, _splice]


def _png_chunks(rng: random.Random, data: bytearray) -> None:
    """Change, drop, double or move a chunk, and mend the checksums."""
    parts, at = [], 8
    while at + 12 <= len(data):
        length = min(int.from_bytes(data[at : at + 4]), len(data) - at - 12)
        parts.append((bytes(data[at + 4 : at + 8]), bytearray(data[at + 8 : at + 8 + length])))
        at += 12 + length
    if not parts:
        return
    _shuffle(rng, parts)
    if rng.random() < 0.3:
        _recompress(rng, parts)
    data[8:] = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )


def _recompress(rng: random.Random, parts: list[tuple[bytes, bytearray]]) -> None:
    """Change what a chunk holds compressed."""
    for number, (kind, body) in enumerate(parts):
        start = body.find(b"\0") + 2 if kind == b"iCCP" else 0
        if kind not in {b"IDAT", b"iCCP"}:
            continue
        try:
            inside = bytearray(zlib.decompressobj().decompress(body[start:], 100_000))
        except zlib.error:
            continue
        if inside:
            rng.choice((_bit, _byte, _number, _cut, _repeat))(rng, inside)
            parts[number] = (kind, body[:start] + zlib.compress(inside))


def _shuffle(rng: random.Random, parts: list[tuple[bytes, bytearray]]) -> None:
    number = rng.randrange(len(parts))
    kind, body = parts[number]
    what = rng.randrange(5)
    if what == 0:
        del parts[number]
    elif what == 1:
        parts.insert(rng.randrange(len(parts) + 1), (kind, bytearray(body)))
    elif what == 2:
        parts[number] = (rng.choice(parts)[0], body)
    elif body:
        for _ in range(rng.choice((1, 2, 4))):
            rng.choice((_bit, _byte, _number))(rng, body)


def _riff_chunks(rng: random.Random, data: bytearray) -> None:
    parts, at = [], 12
    while at + 8 <= len(data):
        length = min(int.from_bytes(data[at + 4 : at + 8], "little"), len(data) - at - 8)
        parts.append((bytes(data[at : at + 4]), bytearray(data[at + 8 : at + 8 + length])))
        at += 8 + length + length % 2
    if parts:
        _shuffle(rng, parts)
    data[12:] = b"".join(
        struct.pack("<4sI", kind, len(body)) + body + bytes(len(body) % 2) for kind, body in parts
    )
    data[4:8] = struct.pack("<I", max(len(data) - 8, 0))


def _jpeg_segments(rng: random.Random, data: bytearray) -> None:
    """Change, drop, double or move a segment before the picture's bits."""
    parts, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        length = max(2, min(int.from_bytes(data[at + 2 : at + 4]), len(data) - at - 2))
        parts.append((bytes(data[at : at + 2]), bytearray(data[at + 4 : at + 2 + length])))
        at += 2 + length
        if parts[-1][0] == b"\xff\xda":
            break
    rest = bytes(data[at:])
    if parts:
        _shuffle(rng, parts)
    if rng.random() < 0.2:
        rest = rest[:-2] + b"".join(map(_segment, parts[-1:])) + rest
    data[2:] = b"".join(map(_segment, parts)) + rest


def _segment(part: tuple[bytes, bytearray]) -> bytes:
    marker, body = part
    return marker + struct.pack(">H", min(len(body) + 2, 65_535)) + body


def _tiff_tag(rng: random.Random, data: bytearray) -> None:
    """Change a tag's number, type, count or value."""
    order = "<" if data[:1] == b"I" else ">"
    if len(data) < 16:
        return
    start = struct.unpack_from(f"{order}I", data, 4)[0]
    if start + 14 > len(data):
        return
    count = max(1, struct.unpack_from(f"{order}H", data, start)[0])
    at = start + 2 + 12 * rng.randrange(min(count, 40))
    if at + 12 > len(data):
        return
    field = rng.randrange(4)
    if field == 0:
        struct.pack_into(f"{order}H", data, at, rng.choice(_TAGS))
    elif field == 1:
        struct.pack_into(f"{order}H", data, at + 2, rng.choice((1, 2, 3, 4, 5, 7, 12, 13, 16, 17, 99)))
    elif field == 2:
        struct.pack_into(f"{order}I", data, at + 4, rng.choice(_EDGES) % 2**32)
    else:
        value = rng.choice((*_EDGES, 5, 6, 7, 32_773, 50_000, 50_001)) % 2**32
        struct.pack_into(f"{order}I", data, at + 8, value)


def _box(rng: random.Random, data: bytearray) -> None:
    """Change bytes inside one of the boxes that say what is in a HEIC."""
    at = data.find(rng.choice(_BOXES))
    if at >= 0:
        for _ in range(rng.choice((1, 2, 3))):
            place = at + rng.randrange(-4, 60)
            if 0 <= place < len(data):
                size = rng.choice((1, 1, 2, 4))
                data[place : place + size] = (rng.choice(_EDGES) % (1 << 8 * size)).to_bytes(size)


def _stream(rng: random.Random, data: bytearray) -> None:
    """Change the head of a stream inside a DICOM file."""
    at = data.rfind(rng.choice(_STREAMS)) if rng.random() < 0.8 else data.find(b"\xe0\x7f\x10\x00")
    if at >= 0:
        place = min(at + rng.randrange(60), len(data) - 1)
        rng.choice((_set_edge, _set_byte))(rng, data, place)


def _set_edge(rng: random.Random, data: bytearray, place: int) -> None:
    size, order = rng.choice((1, 2, 4)), rng.choice(("little", "big"))
    data[place : place + size] = (rng.choice(_EDGES) % (1 << 8 * size)).to_bytes(size, order)


def _set_byte(rng: random.Random, data: bytearray, place: int) -> None:
    data[place] = rng.randrange(256)


def _element(rng: random.Random, data: bytearray) -> None:
    """Change what a DICOM file says of its picture: group 28, or its transfer syntax."""
    at = data.find(struct.pack("<HH", *rng.choice(_ELEMENTS)))
    if at >= 0:
        _set_edge(rng, data, min(at + rng.randrange(4, 20), len(data) - 1))


_OWN: dict[str, list[Mutation]] = {
    "DICOM": [_stream, _stream, _element],
    "HEIC": [_box],
    "JPEG": [_jpeg_segments],
    "PNG": [_png_chunks],
    "TIFF": [_tiff_tag],
    "WebP": [_riff_chunks],
}
