"""Read what a DICOM file says of its picture, and find its pixels' bytes."""

import warnings
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Literal

from dermdistill.errors import ImageError
from dermdistill.imaging.limits import (
    ImageTooLargeError,
    MissingExtraError,
    UnsupportedFormatError,
    check_size,
)

if TYPE_CHECKING:
    from pydicom import Dataset

COLOURS = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
# Inflating happens before anything can be checked, and a small file may hold gigabytes.
_DEFLATED = b"1.2.840.10008.1.2.1.99"
# What comes before the pixels takes pydicom seconds if it is millions of parts. An item of a sequence is
# eight bytes of the file, and an object of a kilobyte.
_MAX_HEAD_BYTES, _MAX_ITEMS = 4_000_000, 50_000
_ITEM_TAGS = (b"\xfe\xff\0\xe0", b"\xff\xfe\xe0\0")
_MAX_FRAGMENTS = 100_000
_PIXEL_DATA = 0x7FE00010
_UNDEFINED = 0xFFFFFFFF
_TAGS = [
    "BitsAllocated",
    "BitsStored",
    "Columns",
    "ICCProfile",
    "NumberOfFrames",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "Rows",
    "SamplesPerPixel",
]


@dataclass(frozen=True, slots=True)
class DicomPicture:
    """A DICOM file's picture: transfer syntax (a UID, "" if not said), label, size in pixels, first frame."""

    syntax: str
    kind: str
    width: int
    height: int
    planar: bool
    profile: bytes | None
    frame: bytes | memoryview


def read_picture(data: bytes, name: str) -> DicomPicture:
    """Read a DICOM file's attributes and find its first frame.

    Raises:
        MissingExtraError: pydicom is not installed.
        UnsupportedFormatError: the image is no 8-bit colour photograph.
        ImageTooLargeError: there are more than `MAX_PIXELS`.
        ImageError: the file is damaged.
    """
    try:
        from pydicom import config, dcmread  # noqa: PLC0415 - optional, and .3 s that other files do not need
    except ImportError as error:
        raise MissingExtraError(
            f"{name} is a DICOM file, and pydicom is not installed; run: pip install 'dermdistill[dicom]'."
        ) from error
    head = BytesIO(data[:_MAX_HEAD_BYTES])
    if _DEFLATED in head.getvalue():
        raise UnsupportedFormatError(f"{name} is a DICOM file with deflated data; export it without.")
    if sum(head.getvalue().count(tag) for tag in _ITEM_TAGS) > _MAX_ITEMS:
        raise ImageError(f"{name} is a DICOM file of more than {_MAX_ITEMS} items; export the picture alone.")
    # Wrong patient data and padding are not ours to warn of.
    config.settings.reading_validation_mode = config.IGNORE
    warnings.filterwarnings("ignore", module=r"pydicom\.")
    dataset = dcmread(head, force=True, stop_before_pixels=True, specific_tags=_TAGS)
    start = head.tell()
    if len(data) > _MAX_HEAD_BYTES and start >= _MAX_HEAD_BYTES:
        raise ImageTooLargeError(
            f"{name} is a DICOM file with more than {_MAX_HEAD_BYTES // 1_000_000} MB before its picture; "
            "export the picture alone."
        )
    _check(dataset, name)
    implicit, little = dataset.original_encoding
    value, length = _pixel_data(data, start, name, little=little is not False, implicit=bool(implicit))
    meta = getattr(dataset, "file_meta", None)
    return DicomPicture(
        syntax=str(meta.get("TransferSyntaxUID") or "") if meta else "",
        kind=str(dataset.PhotometricInterpretation),
        width=int(dataset.Columns),
        height=int(dataset.Rows),
        planar=int(dataset.get("PlanarConfiguration") or 0) == 1,
        profile=bytes(dataset.get("ICCProfile") or b"") or None,
        frame=(
            _first_frame(data, value, int(dataset.get("NumberOfFrames") or 1), name)
            if length == _UNDEFINED
            else memoryview(data)[value : value + length]
        ),
    )


def printable(text: str, length: int) -> str:
    """Shorten what came out of a file, and leave out what would tear a sentence apart."""
    return "".join(letter for letter in " ".join(text.split())[:length] if letter.isprintable())


def _check(dataset: "Dataset", name: str) -> None:
    """Refuse what is not a colour photograph."""
    if "PhotometricInterpretation" not in dataset:
        raise UnsupportedFormatError(
            f"{name} is a DICOM file that is cut off or has no picture; give a colour photograph."
        )
    kind = printable(str(dataset.PhotometricInterpretation), 20)
    allocated = int(dataset.get("BitsAllocated") or 0)
    bits = int(dataset.get("BitsStored") or 8) if allocated == 8 else allocated
    if kind not in COLOURS or bits != 8:
        raise UnsupportedFormatError(
            f"{name} is a DICOM file of kind {kind} with {bits} bits; give a colour photograph (RGB or YBR, "
            "8 bits)."
        )
    check_size(int(dataset.get("Columns") or 0), int(dataset.get("Rows") or 0), name)
    if int(dataset.get("SamplesPerPixel") or 3) != 3:
        raise contradiction(name)


def contradiction(name: str) -> ImageError:
    """Make the error for pixels that do not fit what the file says of them."""
    return ImageError(f"{name} is a DICOM file whose pixels are not as it says; export it again.")


def _pixel_data(data: bytes, start: int, name: str, *, little: bool, implicit: bool) -> tuple[int, int]:
    """Return where the pixels' value starts, and its length, by its element's head (PS3.5, 7.1)."""
    order: Literal["little", "big"] = "little" if little else "big"
    group, element = (int.from_bytes(data[at : at + 2], order) for at in (start, start + 2))
    value = start + (8 if implicit else 12)
    if group << 16 | element != _PIXEL_DATA or value > len(data):
        raise UnsupportedFormatError(
            f"{name} is a DICOM file that is cut off or has no picture; give a colour photograph."
        )
    length = int.from_bytes(data[value - 4 : value], order)
    if length != _UNDEFINED and value + length > len(data):
        raise ImageError(f"{name} is a DICOM file that cannot be decoded (it is cut off); export it again.")
    return value, length


def _first_frame(data: bytes, start: int, frames: int, name: str) -> bytes:
    from pydicom.encaps import generate_fragments, get_frame  # noqa: PLC0415 - optional

    buffer = BytesIO(data)
    buffer.seek(start)
    if sum(1 for _ in islice(generate_fragments(buffer), _MAX_FRAGMENTS + 1)) > _MAX_FRAGMENTS:
        raise ImageError(f"{name} is a DICOM file in more than {_MAX_FRAGMENTS} fragments; export it again.")
    buffer.seek(start)
    return get_frame(buffer, 0, number_of_frames=frames)
