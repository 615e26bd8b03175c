"""Check a WebP's chunks, and make of its first picture a still file without metadata (RFC 9649)."""

import struct

from dermdistill.errors import ImageError
from dermdistill.imaging.limits import check_memory, check_size, result_bytes
from dermdistill.imaging.orientation import exif_orientation
from dermdistill.imaging.still import Still

_PICTURE = frozenset({b"VP8 ", b"VP8L"})
_MAX_CHUNKS = 10_000
_ALPHA_FLAG = 0x10
_BYTES_A_PIXEL = 16  # libwebp keeps two canvases, and Pillow copies one twice

Chunk = tuple[bytes, bytes]


def read_webp(data: bytes, name: str) -> Still:
    """Look at a WebP, and leave out what is not its first picture.

    Raises:
        ImageError: it is cut off, damaged, too large, or an animation whose first picture does not fill it.
    """
    size = int.from_bytes(data[4:8], "little")
    if len(data) < 20 or size > len(data) - 8:
        raise ImageError(f"{name} is cut off: the WebP ends too early; copy it again.")
    chunks = _chunks(data[12 : 8 + size], name)
    canvas = _canvas_size(chunks)
    frame = next((body for kind, body in chunks if kind == b"ANMF"), None)
    if frame is not None:
        picture = _chunks(frame[16:], name)
        if frame[:6] != bytes(6):
            raise ImageError(f"{name} is an animation in parts, which is not read; export one picture of it.")
    else:
        picture = chunks
    width, height = _picture_size(picture, name)
    if canvas is not None and canvas != (width, height):
        raise ImageError(
            f"{name} is damaged, or an animation in parts: its WebP has two sizes; export it again."
        )
    check_size(width, height, name)
    check_memory(_BYTES_A_PIXEL * width * height + result_bytes(width, height), "WebP", name)
    known = dict(reversed(chunks))  # of several the first
    return Still(
        "WebP",
        width,
        height,
        _still(picture, width, height),
        profile=known.get(b"ICCP") or None,
        orientation=exif_orientation(known.get(b"EXIF", b"")),
    )


def _chunks(data: bytes, name: str) -> list[Chunk]:
    found: list[Chunk] = []
    at = 0
    while at + 8 <= len(data) and len(found) < _MAX_CHUNKS:
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > len(data):
            raise ImageError(f"{name} is cut off or damaged: a part of the WebP is missing; copy it again.")
        found.append((kind, data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return found


def _canvas_size(chunks: list[Chunk]) -> tuple[int, int] | None:
    kind, body = chunks[0] if chunks else (b"", b"")
    if kind != b"VP8X" or len(body) < 10:
        return None
    return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")


def _picture_size(chunks: list[Chunk], name: str) -> tuple[int, int]:
    kind, body = next(((kind, body) for kind, body in chunks if kind in _PICTURE), (b"", b""))
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and len(body) >= 10:
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and body[:1] == b"\x2f" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    raise ImageError(f"{name} is damaged: the WebP has no picture; copy it again.")


def _still(chunks: list[Chunk], width: int, height: int) -> bytes:
    """Write the picture alone; a lossy one with transparency needs the extended header."""
    kind, body = next((kind, body) for kind, body in chunks if kind in _PICTURE)
    parts = [(kind, body)]
    alpha = next((body for kind, body in chunks if kind == b"ALPH"), None)
    if kind == b"VP8 " and alpha is not None:
        sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        parts = [(b"VP8X", bytes([_ALPHA_FLAG, 0, 0, 0]) + sides), (b"ALPH", alpha), *parts]
    written = [struct.pack("<4sI", kind, len(body)) + body + bytes(len(body) % 2) for kind, body in parts]
    return b"RIFF" + struct.pack("<I", 4 + sum(map(len, written))) + b"WEBP" + b"".join(written)
