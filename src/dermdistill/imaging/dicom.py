"""DICOM colour photographs, by pydicom (the extra `dicom`).

Read are 8-bit RGB, YBR_FULL and YBR_FULL_422, and JPEG 2000's YBR_ICT and YBR_RCT; the result is RGB.
Grey images are refused: they come from X-ray, ultrasound and the like, and lesions are told by colour. So are
palettes. Of several frames the first is read, as image viewers show it: one file has one answer.
"""

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError
from dermdistill.imaging.header import ImageHeader, MissingExtraError, UnsupportedFormatError, check_pixels
from dermdistill.imaging.jpeg import jpeg_size
from dermdistill.imaging.large import in_turn
from dermdistill.imaging.opencv import decode_by_opencv

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.uid import UID

_COLOR = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
# Inflating happens before anything can be checked, and a small file may hold gigabytes.
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_JPEG = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})  # baseline and extended
_JPEG2000 = frozenset({"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"})  # lossless and not
# A JPEG's start, and Adobe's marker for "this is RGB" (T.872, 6.5.3).
_SOI, _RGB_INSIDE = b"\xff\xd8", b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"


def is_dicom(data: bytes) -> bool:
    """Tell a DICOM file by its preamble (PS3.10, 7.1)."""
    return data[128:132] == b"DICM"


def decode_dicom(data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
    """Decode a DICOM file's first frame to RGB uint8 `[height, width, 3]`; see `decode_by_opencv` for JPEG.

    Raises:
        MissingExtraError: pydicom is not installed.
        UnsupportedFormatError: the image is no 8-bit colour photograph, or compressed in a way not read.
        ImageTooLargeError: there are more than `MAX_PIXELS`.
        ImageError: the file is damaged.
    """
    try:
        from pydicom import config, dcmread  # noqa: PLC0415 - optional, and .3 s that other files do not need
    except ImportError as error:
        raise MissingExtraError(
            f"{name} is a DICOM file, and pydicom is not installed; run: pip install 'dermdistill[dicom]'."
        ) from error
    if _DEFLATED in data:
        raise UnsupportedFormatError(f"{name} is a DICOM file with deflated data; export it without.")
    # Wrong patient data and padding are not ours to warn of.
    config.settings.reading_validation_mode = config.IGNORE
    warnings.filterwarnings("ignore", module=r"pydicom\.")
    try:
        dataset = dcmread(BytesIO(data))
        header = _header(dataset, name)
        return _pixels(dataset, header, name)
    except ImageError:
        raise
    except Exception as error:  # pydicom lets out whatever a damaged file brings up
        reason = _printable(str(error), 200)
        raise ImageError(
            f"{name} is a DICOM file that cannot be decoded ({reason}); export it again."
        ) from error


def _header(dataset: "Dataset", name: str) -> ImageHeader:
    """Read what the file says of its picture, and refuse it if that is no colour photograph."""
    if "PhotometricInterpretation" not in dataset:
        raise UnsupportedFormatError(
            f"{name} is a DICOM file that is cut off or has no picture; give a colour photograph."
        )
    kind = _printable(str(dataset.PhotometricInterpretation), 20)
    allocated = int(dataset.get("BitsAllocated") or 0)
    bits = int(dataset.get("BitsStored") or 8) if allocated == 8 else allocated
    if kind not in _COLOR or bits != 8:
        raise UnsupportedFormatError(
            f"{name} is a DICOM file of kind {kind} with {bits} bits; give a colour photograph (RGB or YBR, "
            "8 bits)."
        )
    height, width = int(dataset.get("Rows") or 0), int(dataset.get("Columns") or 0)
    check_pixels(width, height, name)
    return ImageHeader(kind, width, height)


def _pixels(dataset: "Dataset", header: ImageHeader, name: str) -> NDArray[np.uint8]:
    from pydicom.encaps import get_frame  # noqa: PLC0415 - optional
    from pydicom.pixels.utils import pixel_array  # noqa: PLC0415

    syntax = dataset.file_meta.TransferSyntaxUID
    compressed = syntax in _JPEG | _JPEG2000
    if compressed:
        frames = int(dataset.get("NumberOfFrames") or 1)
        frame = get_frame(dataset.PixelData, 0, number_of_frames=frames)
        size = jpeg_size(frame, name) if syntax in _JPEG else _jpeg2000_size(frame)
        if size != (header.width, header.height):
            raise _contradiction(name)
        if syntax in _JPEG:
            return _jpeg_pixels(frame, header, name)
    elif not _has_decoder(syntax):
        way = _printable(syntax.name, 100)
        raise UnsupportedFormatError(
            f"{name} is a DICOM file compressed as {way}, which is not read; export it uncompressed."
        )
    if compressed or header.format == "YBR_FULL_422":
        dataset.PlanarConfiguration = 0  # these have their colours side by side, whatever the file says
    with in_turn(header.width, header.height):
        rgb = pixel_array(dataset, index=0)
    if rgb.shape != (header.height, header.width, 3) or rgb.dtype != np.uint8:
        raise _contradiction(name)
    return np.ascontiguousarray(rgb)


def _jpeg_pixels(frame: bytes, header: ImageHeader, name: str) -> NDArray[np.uint8]:
    """Decode a JPEG by what itself says of its colours (JFIF, Adobe), for what the file says is often wrong.

    Only where the JPEG says nothing counts the file's RGB: OpenCV would take it for YCbCr.
    """
    if not frame.startswith(_SOI):
        raise _contradiction(name)
    if header.format == "RGB":
        frame = _SOI + _RGB_INSIDE + frame[2:]  # what the JPEG says itself comes later, and counts more
    jpeg = ImageHeader("JPEG", header.width, header.height)
    return decode_by_opencv(frame, jpeg, name=name, upright=False)  # DICOM has no EXIF orientation


def _jpeg2000_size(frame: bytes) -> tuple[int, int]:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - optional

    try:
        with Image.open(BytesIO(frame), formats=["JPEG2000"]) as image:
            return image.size
    except UnidentifiedImageError:
        return 0, 0


def _has_decoder(syntax: "UID") -> bool:
    from pydicom.pixels.decoders.base import get_decoder  # noqa: PLC0415 - optional

    try:
        return bool(get_decoder(syntax).is_available)
    except NotImplementedError:
        return False


def _contradiction(name: str) -> ImageError:
    return ImageError(f"{name} is a DICOM file whose pixels are not as it says; export it again.")


def _printable(text: str, length: int) -> str:
    """Shorten what came out of a file, and leave out what would tear a sentence apart."""
    return "".join(letter for letter in " ".join(text.split())[:length] if letter.isprintable())
