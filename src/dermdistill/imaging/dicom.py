"""DICOM colour photographs, by pydicom (the extra `dicom`).

Read are 8-bit RGB, YBR_FULL and YBR_FULL_422, and JPEG 2000's YBR_ICT and YBR_RCT; the result is RGB.
Grey images are refused: they come from X-ray, ultrasound and the like, and lesions are told by colour. So are
palettes. Of several frames the first is read, as image viewers show it: one file has one answer.
"""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError
from dermdistill.imaging.header import (
    MAX_PIXELS,
    ImageTooLargeError,
    MissingExtraError,
    UnsupportedFormatError,
)

_COLOR = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"})
# Inflating happens before anything can be checked, and a small file may hold gigabytes.
_DEFLATED = b"1.2.840.10008.1.2.1.99"


def is_dicom(data: bytes) -> bool:
    """Tell a DICOM file by its preamble (PS3.10, 7.1)."""
    return data[128:132] == b"DICM"


def decode_dicom(data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
    """Decode a DICOM file's first frame to RGB uint8 `[height, width, 3]`.

    Raises:
        MissingExtraError: pydicom is not installed.
        UnsupportedFormatError: the image is no 8-bit colour photograph.
        ImageTooLargeError: there are more than `MAX_PIXELS`.
        ImageError: the file is damaged, or compressed in a way that cannot be decoded.
    """
    try:
        from pydicom import config, dcmread  # noqa: PLC0415 - optional, and .3 s that other files do not need
        from pydicom.pixels.utils import pixel_array  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            f"{name} is a DICOM file, and pydicom is not installed; run: pip install 'dermdistill[dicom]'."
        ) from error
    if _DEFLATED in data:
        raise UnsupportedFormatError(f"{name} is a DICOM file with deflated data; export it without.")
    config.settings.reading_validation_mode = config.IGNORE  # wrong patient data are not ours to warn of
    try:
        dataset = dcmread(BytesIO(data))
        kind = str(dataset.get("PhotometricInterpretation", "none"))
        bits = int(dataset.get("BitsAllocated", 0))
        height, width = int(dataset.get("Rows", 0)), int(dataset.get("Columns", 0))
    except Exception as error:  # pydicom lets out whatever a damaged file brings up
        raise _damaged(name, error) from error
    if kind not in _COLOR or bits != 8:
        raise UnsupportedFormatError(
            f"{name} is a DICOM file of kind {kind} with {bits} bits; give a colour photograph (RGB or YBR, "
            "8 bits)."
        )
    if height * width > MAX_PIXELS:
        raise ImageTooLargeError(
            f"{name} has {width} x {height} pixels, more than the {MAX_PIXELS // 1_000_000} megapixels "
            "allowed; make it smaller."
        )
    try:
        rgb = pixel_array(dataset, index=0)
    except Exception as error:
        raise _damaged(name, error) from error
    if rgb.shape != (height, width, 3) or rgb.dtype != np.uint8 or not rgb.size:
        raise ImageError(f"{name} is a DICOM file whose pixels are not as it says; export it again.")
    return np.ascontiguousarray(rgb)


def _damaged(name: str, error: Exception) -> ImageError:
    reason = " ".join(str(error).split())[:200]
    return ImageError(f"{name} is a DICOM file that cannot be decoded ({reason}); export it again.")
