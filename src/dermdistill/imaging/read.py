"""An image file's path in, its pixels out; or why the path leads to nothing that can be read."""

import re
import stat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError, UnreadableError
from dermdistill.imaging.decode import decode_image
from dermdistill.imaging.limits import ImageTooLargeError

MAX_FILE_BYTES = 400_000_000
# A Path has one slash left of the two.
_ADDRESS = re.compile(r"(https?|ftp|s3|gs):/+", re.IGNORECASE)


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
        return f"{str(path)!r} is not a path ({error}); check the path."
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist; check the path."
    return f"{path} cannot be read ({error.strerror}); check the path."


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read and decode one image file; see `decode_image`.

    Raises:
        ImageError: the file cannot be read or decoded.
    """
    return decode_image(read_bytes(path), name=str(path))
