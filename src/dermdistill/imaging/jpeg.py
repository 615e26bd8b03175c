"""Walk through a JPEG's markers without decoding: its size, whether it ends, and whether it is a trap."""

import re

from dermdistill.errors import ImageError

_EOI, _SOS = 0xD9, 0xDA
_STANDALONE = {0x01, *range(0xD0, 0xD8)}
_SIZES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Inside compressed data a byte FF is followed by 00 or a restart marker; anything else is the next marker.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# An honest file has about 10 scans and fewer than 100 segments. Each scan of a progressive file is a pass
# over the whole picture, so thousands of tiny ones would keep a decoder busy for hours.
_MAX_SCANS = 200
_MAX_SEGMENTS = 5000


def jpeg_size(data: bytes, name: str) -> tuple[int, int]:
    """Return (width, height) of a JPEG, before EXIF rotation.

    Raises:
        ImageError: the file is cut off, has no size, or has absurdly many segments or scans.
    """
    width = height = scans = 0
    position = 2
    for _ in range(_MAX_SEGMENTS):
        found = _NEXT_MARKER.search(data, position)
        if found is None:
            break
        marker, position = data[found.start() + 1], found.end()
        if marker in _STANDALONE:
            continue
        if marker == _EOI:
            if width and height and scans:
                return width, height
            raise ImageError(f"{name} is a JPEG without a picture in it; take or export it again.")
        length = int.from_bytes(data[position : position + 2])
        if marker in _SIZES:
            height = max(height, int.from_bytes(data[position + 3 : position + 5]))
            width = max(width, int.from_bytes(data[position + 5 : position + 7]))
        scans += marker == _SOS
        if length < 2 or position + length > len(data):
            break
        if scans > _MAX_SCANS:
            raise ImageError(f"{name} has more than {_MAX_SCANS} scans, as no camera makes; export it again.")
        position += length
    else:
        raise ImageError(
            f"{name} has more than {_MAX_SEGMENTS} segments, as no camera makes; export it again."
        )
    raise ImageError(f"{name} is cut off or damaged: the JPEG ends too early; copy or take it again.")
