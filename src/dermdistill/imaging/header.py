"""Look at an image file's first bytes before any decoder does: format, size, and whether it is whole."""

import struct
from dataclasses import dataclass

from dermdistill.constants import CONSTANTS
from dermdistill.errors import ImageError, UnreadableError
from dermdistill.imaging.jpeg import jpeg_size

MAX_PIXELS: int = CONSTANTS["image"]["most_pixels"]
_SUPPORTED = "a JPEG, PNG, WebP, BMP or TIFF file (with the extras heic and dicom also HEIC and DICOM)"


class UnsupportedFormatError(ImageError):
    """The bytes are no image, or of a format that is not read."""


class MissingExtraError(UnsupportedFormatError, UnreadableError):
    """The format is read by an optional package that is not installed."""


class ImageTooLargeError(ImageError):
    """The image has more pixels or bytes than are decoded."""


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """A file's format and its size in pixels as stored, before EXIF rotation."""

    format: str
    width: int
    height: int


def read_header(data: bytes, *, name: str = "image") -> ImageHeader:
    """Read format and size without decoding, so that a bomb is refused before it can go off.

    Raises:
        UnsupportedFormatError: the format is unknown.
        ImageTooLargeError: there are more than `MAX_PIXELS`.
        ImageError: the file is empty, visibly cut off or without pixels.
    """
    if not data:
        raise ImageError(f"{name} is empty; give {_SUPPORTED}.")
    kind = _kind(data)
    if kind is None:
        raise UnsupportedFormatError(f"{name} is {_guess(data)}; give {_SUPPORTED}.")
    try:
        width, height = _SIZES[kind](data, name)
    except (struct.error, IndexError) as error:
        raise ImageError(f"{name} is cut off: its {kind} header is incomplete; copy it again.") from error
    if width < 1 or height < 1:
        raise ImageError(f"{name} says it is {width} x {height} pixels; give an image with pixels in it.")
    check_pixels(width, height, name)
    return ImageHeader(kind, width, height)


def check_pixels(width: int, height: int, name: str) -> None:
    """Refuse an image of more than `MAX_PIXELS`, by an ImageTooLargeError."""
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(
            f"{name} has {width} x {height} pixels, more than the {MAX_PIXELS // 1_000_000} megapixels "
            "allowed; make it smaller."
        )


def _kind(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    if data.startswith(b"BM"):
        return "BMP"
    if data.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    return None


def _guess(data: bytes) -> str:
    """Name what people most often give instead of a supported image."""
    if data[4:8] == b"ftyp":
        return "an AVIF or video file, which cannot be read"
    if data.startswith(b"%PDF"):
        return "a PDF document"
    if data.startswith((b"II+\0", b"MM\0+")):
        return "a BigTIFF, which cannot be read"
    if data.startswith(b"GIF8"):
        return "a GIF, which cannot be read"
    return "not an image file"


def _png_size(data: bytes, name: str) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    if data[12:16] != b"IHDR" or data.rfind(b"IEND") < 0:
        raise ImageError(f"{name} is cut off or damaged: the PNG has no end; copy it again.")
    return width, height


def _webp_size(data: bytes, name: str) -> tuple[int, int]:
    if struct.unpack_from("<I", data, 4)[0] > len(data) - 8:
        raise ImageError(f"{name} is cut off: the WebP ends too early; copy it again.")
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _bmp_size(data: bytes, _name: str) -> tuple[int, int]:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return abs(width), abs(height)


# By SampleFormat; OpenCV takes signed integers for unsigned ones.
_TIFF_SAMPLES = {2: "signed", 3: "float"}
# Orientations whose stored tiles OpenCV puts in the wrong places.
_MISPLACED = frozenset({2, 3, 6, 7})


def _tiff_size(data: bytes, name: str) -> tuple[int, int]:
    order = "<" if data.startswith(b"II") else ">"
    start = struct.unpack_from(f"{order}I", data, 4)[0]
    # By TIFF 6.0's numbers: width, height, bits of a sample, orientation, a tile's width, kind of sample.
    values = {256: 0, 257: 0, 258: 0, 274: 0, 322: 0, 339: 0}
    for entry in range(struct.unpack_from(f"{order}H", data, start)[0]):
        place = start + 2 + 12 * entry
        tag, kind, count = struct.unpack_from(f"{order}HHI", data, place)
        if tag in values:
            place += 8
            if tag in {258, 339} and count > 2:  # one a channel, which lie elsewhere
                place = struct.unpack_from(f"{order}I", data, place)[0]
            value = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", data, place)[0]
            values[tag] = max(values[tag], value)
    if values[339] in _TIFF_SAMPLES or values[258] >= 32:
        samples = f"{values[258]}-bit {_TIFF_SAMPLES.get(values[339], 'integer')}"
        raise UnsupportedFormatError(
            f"{name} is a TIFF of {samples} samples, a kind that is not read; export it with 8 bits."
        )
    if values[322] and values[274] in _MISPLACED:
        raise UnsupportedFormatError(
            f"{name} is a TIFF in tiles that are to be turned, a kind that is not read; export it upright."
        )
    return values[256], values[257]


_SIZES = {"JPEG": jpeg_size, "PNG": _png_size, "WebP": _webp_size, "BMP": _bmp_size, "TIFF": _tiff_size}
