"""Check a TIFF's first directory, and write it anew with what its first picture needs (TIFF 6.0)."""

import struct
from collections.abc import Iterable, Sequence
from math import ceil

from dermdistill.errors import ImageError
from dermdistill.imaging.containers.jpeg import read_jpeg
from dermdistill.imaging.ifd import Directory, read_ifd
from dermdistill.imaging.limits import UnsupportedFormatError, check_memory, check_size, result_bytes
from dermdistill.imaging.still import Still

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER, _OFFSETS, _ORIENTATION = (
    256, 257, 258, 259, 262, 266, 273, 274,
)  # fmt: skip
_SAMPLES, _ROWS, _COUNTS, _PLANAR, _PREDICTOR, _COLOURS = 277, 278, 279, 284, 317, 320
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_COUNTS, _EXTRA, _FORMAT = 322, 323, 324, 325, 338, 339
_JPEG_TABLES, _SUBSAMPLING, _PROFILE = 347, 530, 34675
# Numbers that a decoder is told as they are: how many of each there may be, and what is meant without them.
_SMALL = {_FILL_ORDER: 1, _PREDICTOR: 1, _SUBSAMPLING: 2, _EXTRA: 8}
_COMPRESSIONS = {1: "raw", 5: "LZW", 7: "JPEG", 8: "deflate", 32773: "PackBits", 32946: "deflate"}
_JPEG = 7
_KINDS = {0, 1, 2, 3, 5, 6}  # grey (0 is white, or black), RGB, palette, CMYK, YCbCr
_FORMATS = {2: "signed", 3: "float"}
_MAX_PARTS = 65_536
_MOST_SAMPLES = 5
# Parts may share bytes, but a decoder reads each: together not much more than there is.
_MAX_SHARING, _ALWAYS_READ_BYTES = 4, 100_000_000
_MAX_JPEG_SCANS = 4  # of a part: one for all channels, or one for each (TIFF technical note 2)
_MAX_PROFILE = 4_000_000
_BYTES_A_PIXEL = 4  # of Pillow


def read_tiff(data: bytes, name: str) -> Still:
    """Look at a TIFF's first picture; what the decoder gets has a new directory, with nothing else in it.

    Raises:
        UnsupportedFormatError: it is compressed, or its samples are stored, in a way that is not read.
        ImageError: it is cut off, damaged or too large.
    """
    try:
        directory = read_ifd(data)
        width, height = directory.number(_WIDTH, 0), directory.number(_HEIGHT, 0)
        check_size(width, height, name)
        tags = _picture_tags(directory, width, height, name)
        orientation = directory.number(_ORIENTATION, 1)
        profile = directory.blob(_PROFILE, _MAX_PROFILE)
        still_data = _with_directory(data, directory.order, tags)
    except (ValueError, struct.error) as error:  # the second of numbers that do not fit their type
        raise ImageError(f"{name} is cut off or damaged: its TIFF header is wrong; copy it again.") from error
    return Still(
        "TIFF",
        width,
        height,
        still_data,
        profile=profile,
        orientation=orientation if orientation in range(1, 9) else 1,
    )


def _picture_tags(directory: Directory, width: int, height: int, name: str) -> dict[int, Sequence[int]]:
    samples = directory.number(_SAMPLES, 1)
    bits = directory.numbers(_BITS, 8) or (1,)
    if len(bits) == 1:
        bits *= min(samples, _MOST_SAMPLES + 1)
    compression, kind = directory.number(_COMPRESSION, 1), directory.number(_PHOTOMETRIC, -1)
    if kind == -1:
        kind = 2 if samples >= 3 else 1
    _check_kind(bits, directory.numbers(_FORMAT, 8), compression, kind, name)
    planar = directory.number(_PLANAR, 1)
    # Pillow mixes up planes of 16 bits, and grey of 16 bits whose 0 is white.
    mixed_up = max(bits, default=0) > 8 and (planar == 2 or kind == 0)
    if not 1 <= samples <= _MOST_SAMPLES or len(bits) != samples or mixed_up:
        raise UnsupportedFormatError(
            f"{name} is a TIFF of a kind that is not read; export it as RGB of 8 bits."
        )
    tags: dict[int, Sequence[int]] = {
        _WIDTH: [width],
        _HEIGHT: [height],
        _BITS: bits,
        _COMPRESSION: [compression],
        _PHOTOMETRIC: [kind],
        _SAMPLES: [samples],
        _PLANAR: [planar],
    }
    tags |= {tag: found for tag, most in _SMALL.items() if (found := directory.numbers(tag, most))}
    if kind == 3:
        tags[_COLOURS] = directory.numbers(_COLOURS, 3 << 8)
    if compression == _JPEG:
        tables = directory.blob(_JPEG_TABLES, 65_536)
        tags |= {_JPEG_TABLES: tables} if tables else {}
    part, across, down, layout = _layout(directory, width, height)
    tags |= layout
    parts = across * down * (samples if planar == 2 else 1)
    places = (_TILE_OFFSETS, _TILE_COUNTS) if _TILE_WIDTH in layout else (_OFFSETS, _COUNTS)
    offsets, counts = (layout[tag] for tag in places)
    if planar not in {1, 2} or len(offsets) != parts or len(counts) != parts:
        raise ValueError("a picture of other parts than it says")
    size = len(directory.data)
    if any(start + count > size for start, count in zip(offsets, counts, strict=True)):
        raise ValueError("a part lies outside the file")
    if sum(counts) > max(_MAX_SHARING * size, _ALWAYS_READ_BYTES):
        raise ImageError(
            f"{name} is a TIFF whose parts share their bytes, which is not read; export it again."
        )
    part_bytes = part * (max(bits) if planar == 2 else sum(bits)) / 8
    needed = size + 2 * part_bytes + _BYTES_A_PIXEL * width * height + result_bytes(width, height)
    check_memory(needed, "TIFF", name)
    if compression == 1 and sum(counts) < width * height * sum(bits) // 8:
        raise ValueError("fewer bytes than pixels")
    if compression == _JPEG:
        _check_jpegs(directory.data, zip(offsets, counts, strict=True), part_bytes, name)
    return tags


def _check_kind(bits: Sequence[int], formats: Sequence[int], compression: int, kind: int, name: str) -> None:
    sample = max(formats, default=1)
    if sample in _FORMATS or max(bits, default=0) >= 32:
        samples = f"{max(bits, default=0)}-bit {_FORMATS.get(sample, 'integer')}"
        raise UnsupportedFormatError(
            f"{name} is a TIFF of {samples} samples, a kind that is not read; export it with 8 bits."
        )
    if compression not in _COMPRESSIONS or kind not in _KINDS:
        raise UnsupportedFormatError(
            f"{name} is a TIFF of a kind that is not read (compression {compression}, colours {kind}); "
            "export it as RGB, without compression or with LZW."
        )


def _layout(directory: Directory, width: int, height: int) -> tuple[int, int, int, dict[int, Sequence[int]]]:
    """Return the pixels of a part (a strip or tile), the parts across and down, and the tags that say so."""
    if directory.number(_TILE_WIDTH, 0):
        side, rows = directory.number(_TILE_WIDTH, 0), directory.number(_TILE_HEIGHT, 0)
        if rows < 1:
            raise ValueError("tiles without rows")
        tags: dict[int, Sequence[int]] = {_TILE_WIDTH: [side], _TILE_HEIGHT: [rows]}
        pair = (_TILE_OFFSETS, _TILE_COUNTS)
    else:
        side, rows = width, min(directory.number(_ROWS, height), height)
        if rows < 1:
            raise ValueError("strips without rows")
        tags = {_ROWS: [rows]}
        pair = (_OFFSETS, _COUNTS)
    tags |= {tag: directory.numbers(tag, _MAX_PARTS) for tag in pair}
    if pair == (_OFFSETS, _COUNTS) and not tags[_COUNTS] and len(tags[_OFFSETS]) == 1:
        tags[_COUNTS] = [
            len(directory.data) - tags[_OFFSETS][0]
        ]  # old writers leave out that of a single strip
    return side * rows, ceil(width / side), ceil(height / rows), tags


def _check_jpegs(data: bytes, parts: Iterable[tuple[int, int]], part_bytes: float, name: str) -> None:
    """Check each part's JPEG, which may be larger than its part, or a trap of its own."""
    for start, count in parts:
        still = read_jpeg(data[start : start + count], name, most_scans=_MAX_JPEG_SCANS)
        if still.width * still.height * still.channels > 2 * part_bytes + 65_536:
            raise ValueError("a JPEG larger than its part")


def _with_directory(data: bytes, order: str, tags: dict[int, Sequence[int]]) -> bytes:
    """Write a TIFF of the same bytes with a new directory after them; the parts stay where they are."""
    start = len(data) + len(data) % 2
    entries, values = [], b""
    place = start + 2 + 12 * len(tags) + 4
    for tag, numbers in sorted(tags.items()):
        kind, letter = (
            (7, "B") if tag == _JPEG_TABLES else (4, "I") if max(numbers, default=0) > 65_535 else (3, "H")
        )
        packed = struct.pack(f"{order}{len(numbers)}{letter}", *numbers)
        entry = struct.pack(f"{order}HHI", tag, kind, len(numbers))
        if len(packed) > 4:
            entry += struct.pack(f"{order}I", place + len(values))
            values += packed + bytes(len(packed) % 2)
        else:
            entry += packed.ljust(4, b"\0")
        entries.append(entry)
    table = struct.pack(f"{order}H", len(tags)) + b"".join(entries) + bytes(4)
    return b"".join(
        [data[:4], struct.pack(f"{order}I", start), memoryview(data)[8:], bytes(len(data) % 2), table, values]
    )
