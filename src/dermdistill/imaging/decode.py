"""Image bytes in, upright RGB pixels out; what its decoder calls damaged is refused with a reason."""

import re
import stat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError, UnreadableError
from dermdistill.imaging.dicom import decode_dicom, is_dicom
from dermdistill.imaging.header import MAX_PIXELS, ImageTooLargeError, read_header
from dermdistill.imaging.heic import decode_heic, is_heic
from dermdistill.imaging.opencv import decode_by_opencv

MAX_FILE_BYTES = 400_000_000
# A Path has one slash left of the two.
_ADDRESS = re.compile(r"(https?|ftp|s3|gs):/+", re.IGNORECASE)


def decode_image(data: bytes, *, name: str = "image") -> NDArray[np.uint8]:
    """Decode an image file's bytes to RGB uint8 `[height, width, 3]`, upright by its EXIF orientation.

    A JPEG of more than 25 megapixels comes out at half its width and height, to spare memory.

    Args:
        data: a whole JPEG, PNG, WebP, BMP or TIFF file (first page); with the extras `dicom` and `heic` also
            a DICOM file (first frame) or HEIC.
        name: what to call it in an error.

    Raises:
        ImageError: the bytes are empty, of no known format, more than `MAX_PIXELS`, or damaged so that the
            decoder notices: a JPEG that lost its middle and kept its end is decoded.
    """
    if is_dicom(data):
        return decode_dicom(data, name=name)
    if is_heic(data):
        return decode_heic(data, name=name)
    return decode_by_opencv(data, read_header(data, name=name), name=name)


def read_bytes(path: Path) -> bytes:
    """Read one image file's bytes.

    Raises:
        UnreadableError: it cannot be read for now, or is a folder.
        ImageError: it is a pipe, socket or device, or larger than `MAX_FILE_BYTES`.
    """
    try:
        status = path.stat()
        # Before it is opened: a pipe would keep us waiting. A folder is refused by `open`, with the reason.
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise ImageError(f"{path} is a pipe, socket or device; give an image file.")
        if status.st_size > MAX_FILE_BYTES:
            raise ImageTooLargeError(
                f"{path} is larger than {MAX_FILE_BYTES // 1_000_000} MB; make it smaller."
            )
        with path.open("rb") as file:
            return file.read(status.st_size)  # no more, should it grow meanwhile
    except (OSError, ValueError) as error:
        raise UnreadableError(why_unreadable(path, error)) from error


def why_unreadable(path: Path, error: OSError | ValueError) -> str:
    """Say in a sentence why a path leads to nothing that can be read."""
    if found := _ADDRESS.match(path.as_posix()):
        address = f"{found[1]}://{path.as_posix()[found.end() :]}"
        return f"{address} is an address, not a file; download it first."
    if isinstance(error, ValueError):  # a character that no file name may have
        return f"{str(path)!r} is no path ({error}); check the path."
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist; check the path."
    return f"{path} cannot be read ({error.strerror}); check the path."


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read and decode one image file; see `decode_image`.

    Raises:
        ImageError: the file cannot be read or decoded.
    """
    return decode_image(read_bytes(path), name=str(path))


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
