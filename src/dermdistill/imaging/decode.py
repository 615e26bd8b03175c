"""Image bytes in, upright sRGB pixels out; what its decoder calls damaged is refused with a reason."""

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError
from dermdistill.imaging.colour.primaries import HighDynamicRangeError
from dermdistill.imaging.containers import CONTAINERS
from dermdistill.imaging.decoders import decode_still
from dermdistill.imaging.dicom import decode_dicom
from dermdistill.imaging.limits import MAX_PIXELS, ImageTooLargeError, UnsupportedFormatError
from dermdistill.imaging.sniff import guess, sniff

_SUPPORTED = "a JPEG, PNG, WebP, BMP or TIFF file (with the extras heic and dicom also HEIC and DICOM)"


def decode_image(data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
    """Decode an image file's bytes to RGB uint8 `[height, width, 3]`.

    Upright by its EXIF orientation; its colours are converted to sRGB by its embedded profile; transparent
    pixels are laid over white. A picture of more than 25 megapixels comes out at half its width and height,
    to spare memory. Of several pictures or frames the first is decoded, as image viewers show it: one file
    has one answer.

    Args:
        data: a whole JPEG, PNG, WebP, BMP or TIFF file; with the extras `dicom` and `heic` also a DICOM or
            HEIC file.
        name: what to call it in an error.

    Raises:
        UnsupportedFormatError: the format, or the kind of it, is none that is read.
        ImageTooLargeError: it has more than `MAX_PIXELS`, or takes more than `MAX_MEMORY_BYTES` to decode.
        ImageError: the bytes are empty, or damaged so that the decoder notices: a JPEG that lost its middle
            and kept its end is decoded.
    """
    if not data:
        raise ImageError(f"{name} is empty; give {_SUPPORTED}.")
    kind = sniff(data)
    if kind is None:
        raise UnsupportedFormatError(f"{name} is {guess(data)}; give {_SUPPORTED}.")
    if kind == "DICOM":
        return decode_dicom(data, name=name)
    try:
        still = CONTAINERS[kind](data, name)
    except HighDynamicRangeError as error:
        raise UnsupportedFormatError(
            f"{name} is a {kind} of high dynamic range, which is not read; export it as JPEG."
        ) from error
    return decode_still(still, name=name)


def check_image(image: NDArray[np.uint8], *, name: str = "image") -> NDArray[np.uint8]:
    """Return an array unchanged if it is an RGB uint8 image `[height, width, 3]`.

    Raises:
        ImageError: another type or shape: values 0-1, a missing or fourth channel, a batch.
    """
    if image.dtype != np.uint8:
        raise ImageError(f"{name} has values of type {image.dtype}; give RGB uint8, 0-255.")
    if image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ImageError(f"{name} has shape {list(image.shape)}; give RGB [height, width, 3].")
    if image.shape[0] * image.shape[1] > MAX_PIXELS:
        raise ImageTooLargeError(
            f"{name} has more than {MAX_PIXELS // 1_000_000} megapixels; make it smaller."
        )
    return image
