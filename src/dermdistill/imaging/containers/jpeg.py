"""Walk through a JPEG's markers without decoding: its size, its metadata, whether it ends or is a trap."""

import re
from dataclasses import dataclass, field

from dermdistill.errors import ImageError
from dermdistill.imaging.limits import (
    UnsupportedFormatError,
    check_memory,
    check_size,
    is_large,
    result_bytes,
)
from dermdistill.imaging.orientation import exif_orientation
from dermdistill.imaging.still import Still

_EOI, _SOS = 0xD9, 0xDA
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_READ_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3}  # baseline, extended, progressive, lossless; all Huffman-coded
# JFIF and Adobe say what the colours are. All other application segments, and comments, are left out.
_KEPT = {0xE0: b"JFIF\0", 0xEE: b"Adobe"}
_METADATA = {*range(0xE0, 0xF0), 0xFE}
_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"
# Inside compressed data a byte FF is followed by 00 or a restart marker; anything else is the next marker.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# An honest file has about 10 scans and fewer than 100 segments. Each scan of a progressive file is a pass
# over the whole picture, so thousands of tiny ones would keep a decoder busy for hours.
_MAX_SCANS, _MAX_SCANNED_PIXELS = 200, 1_500_000_000
_MAX_SEGMENTS = 5000


@dataclass
class _Walk:
    """What the markers have said so far."""

    width: int = 0
    height: int = 0
    scans: int = 0
    progressive: bool = False
    sampling: list[int] = field(default_factory=list)  # of each channel, horizontal * 16 + vertical
    exif: bytes = b""
    profile: dict[int, bytes] = field(default_factory=dict)
    left_out: list[tuple[int, int]] = field(default_factory=list)
    end: int = 0


def read_jpeg(data: bytes, name: str, *, most_scans: int = _MAX_SCANS) -> Still:
    """Look at a JPEG of at most so many scans, and leave out what is not its picture.

    Raises:
        ImageError: the file is cut off, has no size, has absurdly many segments or scans, or is too large.
    """
    walk = _walk(data, name, most_scans)
    width, height, channels = walk.width, walk.height, len(walk.sampling)
    check_size(width, height, name)
    if walk.scans * width * height > _MAX_SCANNED_PIXELS:
        raise ImageError(f"{name} has {walk.scans} scans, as no camera makes at this size; export it again.")
    image = 4 * width * height / (4 if is_large(width, height) else 1)  # of Pillow, which decodes CMYK
    check_memory(_coefficient_bytes(walk) + image + result_bytes(width, height), "JPEG", name)
    profile = b"".join(walk.profile[number] for number in sorted(walk.profile))
    return Still(
        "JPEG",
        width,
        height,
        _cleaned(data, walk),
        profile=profile or None,
        orientation=exif_orientation(walk.exif) if walk.exif else 1,
        channels=channels,
    )


def _walk(data: bytes, name: str, most_scans: int) -> _Walk:
    walk = _Walk()
    position = 2
    for _ in range(_MAX_SEGMENTS):
        found = _NEXT_MARKER.search(data, position)
        if found is None:
            break
        marker, position = data[found.start() + 1], found.end()
        if marker in _STANDALONE:
            continue
        if marker == _EOI:
            if walk.sampling and walk.scans:
                walk.end = position
                return walk
            raise ImageError(f"{name} is a JPEG without a picture in it; take or export it again.")
        length = int.from_bytes(data[position : position + 2])
        if length < 2 or position + length > len(data):
            break
        if marker in _FRAMES:
            _read_frame(walk, marker, data[position + 2 : position + length], name)
        elif marker in _METADATA:
            start = (found.start(), position + length)
            _read_metadata(walk, marker, data[position + 2 : position + length], start)
        walk.scans += marker == _SOS
        if walk.scans > most_scans:
            raise ImageError(f"{name} has more than {most_scans} scans, as no camera makes; export it again.")
        position += length
    else:
        raise ImageError(
            f"{name} has more than {_MAX_SEGMENTS} segments, as no camera makes; export it again."
        )
    raise ImageError(f"{name} is cut off or damaged: the JPEG ends too early; copy or take it again.")


def _read_frame(walk: _Walk, marker: int, body: bytes, name: str) -> None:
    if walk.sampling or len(body) < 6 or len(body) != 6 + 3 * body[5]:
        raise ImageError(f"{name} is damaged: the JPEG says twice or wrongly what is in it; copy it again.")
    if marker not in _READ_FRAMES or body[0] != 8:
        raise UnsupportedFormatError(
            f"{name} is a JPEG of a kind that is not read (arithmetic coding, or more than 8 bits); export "
            "it as baseline JPEG."
        )
    walk.progressive = marker == 0xC2
    walk.height, walk.width = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    walk.sampling = list(body[7::3])
    if len(walk.sampling) not in {1, 3, 4} or not all(
        1 <= value >> 4 <= 4 and 1 <= value & 15 <= 4 for value in walk.sampling
    ):
        raise ImageError(
            f"{name} is a JPEG of {len(walk.sampling)} channels or wrong sampling; export it again."
        )


def _read_metadata(walk: _Walk, marker: int, body: bytes, span: tuple[int, int]) -> None:
    kept = _KEPT.get(marker)
    if kept is None or not body.startswith(kept):
        walk.left_out.append(span)
    if marker == 0xE1 and not walk.exif and body.startswith(_EXIF):
        walk.exif = body
    elif marker == 0xE2 and body.startswith(_ICC):
        walk.profile.setdefault(body[len(_ICC)] if len(body) > len(_ICC) else 0, body[len(_ICC) + 2 :])


def _coefficient_bytes(walk: _Walk) -> float:
    """Bytes that libjpeg keeps of a picture that comes in several scans: two for each value, and tables."""
    if walk.scans == 1 and not walk.progressive:
        return 0
    across, down = max(value >> 4 for value in walk.sampling), max(value & 15 for value in walk.sampling)
    shares = [(value >> 4) * (value & 15) / (across * down) for value in walk.sampling]
    return 2.05 * (walk.width + 32) * (walk.height + 32) * sum(shares)


def _cleaned(data: bytes, walk: _Walk) -> bytes:
    pieces, position = [], 0
    for start, end in walk.left_out:
        pieces.append(data[position:start])
        position = end
    return b"".join([*pieces, data[position : walk.end]])
