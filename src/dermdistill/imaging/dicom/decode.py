"""DICOM file in, pixels out; each kind of compression has its own way."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError
from dermdistill.imaging.colour.profiles import convert_in_place
from dermdistill.imaging.containers.jpeg import read_jpeg
from dermdistill.imaging.decoders import decode_still
from dermdistill.imaging.dicom.file import DicomPicture, contradiction, printable, read_picture
from dermdistill.imaging.dicom.jpeg2000 import read_jpeg2000
from dermdistill.imaging.dicom.uncompressed import decode_run_lengths, decode_uncompressed, from_ybr
from dermdistill.imaging.limits import UnsupportedFormatError

_JPEG = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})  # baseline and extended
_LOSSLESS_JPEG = frozenset({"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"})
_JPEG_2000 = frozenset({"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"})  # lossless and not
_RUN_LENGTHS = "1.2.840.10008.1.2.5"
_UNCOMPRESSED = frozenset({"", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"})
# A JPEG's start, and Adobe's marker for "this is RGB" (T.872, 6.5.3).
_SOI, _RGB_INSIDE = b"\xff\xd8", b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"


def decode_dicom(data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
    """Decode a DICOM file's first frame to sRGB uint8 `[height, width, 3]`; at half its size if it is large.

    Raises:
        MissingExtraError: pydicom is not installed.
        UnsupportedFormatError: the image is no 8-bit colour photograph, or compressed in a way not read.
        ImageTooLargeError: there are more than `MAX_PIXELS`.
        ImageError: the file is damaged.
    """
    try:
        return _pixels(read_picture(data, name), name)
    except ImageError:
        raise
    except Exception as error:  # pydicom lets out whatever a damaged file brings up
        reason = printable(str(error), 200)
        raise ImageError(
            f"{name} is a DICOM file that cannot be decoded ({reason}); export it again."
        ) from error


def _pixels(picture: DicomPicture, name: str) -> NDArray[np.uint8]:
    if picture.syntax in _UNCOMPRESSED:
        return decode_uncompressed(picture, name)
    if picture.syntax == _RUN_LENGTHS:
        return decode_run_lengths(picture, name)
    if picture.syntax in _JPEG:
        return _jpeg_pixels(picture, name)
    if picture.syntax in _LOSSLESS_JPEG:
        return _lossless_pixels(picture, name)
    if picture.syntax in _JPEG_2000:
        return _jpeg2000_pixels(picture, name)
    from pydicom.uid import UID  # noqa: PLC0415 - optional

    way = printable(UID(picture.syntax).name, 100)
    raise UnsupportedFormatError(
        f"{name} is a DICOM file compressed as {way}, which is not read; export it uncompressed."
    )


def _jpeg_pixels(picture: DicomPicture, name: str) -> NDArray[np.uint8]:
    """Decode a JPEG by what itself says of its colours (JFIF, Adobe), for what the file says is often wrong.

    Only where the JPEG says nothing counts the file's RGB: libjpeg would take it for YCbCr.
    """
    still = read_jpeg(_jpeg(picture, name), name)
    if (still.width, still.height) != (picture.width, picture.height):
        raise contradiction(name)
    if picture.kind == "RGB":  # what the JPEG says itself comes later, and counts more
        still = replace(still, data=_SOI + _RGB_INSIDE + still.data[2:])
    # DICOM has no EXIF orientation.
    return decode_still(replace(still, orientation=1, profile=still.profile or picture.profile), name=name)


def _lossless_pixels(picture: DicomPicture, name: str) -> NDArray[np.uint8]:
    """Decode a lossless JPEG, whose channels are stored as the label says: nothing inside converts them."""
    still = read_jpeg(_jpeg(picture, name), name)
    if (still.width, still.height) != (picture.width, picture.height):
        raise contradiction(name)
    still = replace(still, data=_SOI + _RGB_INSIDE + still.data[2:], orientation=1, profile=None)
    return _as_labelled(decode_still(still, name=name), picture)


def _jpeg(picture: DicomPicture, name: str) -> bytes:
    frame = bytes(picture.frame)
    if not frame.startswith(_SOI):
        raise contradiction(name)
    return frame


def _jpeg2000_pixels(picture: DicomPicture, name: str) -> NDArray[np.uint8]:
    """Decode a JPEG 2000 by what itself says: channels that were transformed together come out as RGB."""
    stream = read_jpeg2000(bytes(picture.frame), name)
    if (stream.still.width, stream.still.height) != (picture.width, picture.height):
        raise contradiction(name)
    rgb = decode_still(stream.still, name=name)
    return _as_labelled(rgb, replace(picture, kind="RGB") if stream.transformed else picture)


def _as_labelled(pixels: NDArray[np.uint8], picture: DicomPicture) -> NDArray[np.uint8]:
    """Convert stored channels to sRGB by the file's label and profile."""
    if picture.kind.startswith("YBR_FULL"):
        from_ybr(pixels)
    convert_in_place(pixels, picture.profile)
    return pixels
