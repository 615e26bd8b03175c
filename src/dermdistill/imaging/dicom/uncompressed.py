"""Pixels that a DICOM file holds as they are, or by run lengths (PS3.5, 8.1 and annex G)."""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.imaging.colour.profiles import strips
from dermdistill.imaging.decoders.flatten import flatten
from dermdistill.imaging.dicom.file import DicomPicture, contradiction
from dermdistill.imaging.limits import check_memory, in_turn, is_large, result_bytes

_BYTES_A_PIXEL = 5  # of run lengths: three planes, and two copies of one
_LABELS = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422"})


def decode_uncompressed(picture: DicomPicture, name: str) -> NDArray[np.uint8]:
    """Convert plain pixels to sRGB uint8 `[height, width, 3]`; at half its size if it is large.

    Raises:
        ImageError: there are fewer bytes than pixels, or the label is one that only a compressed stream has.
    """
    width, height = picture.width, picture.height
    halves = picture.kind == "YBR_FULL_422"
    needed = width * height * (2 if halves else 3)
    if picture.kind not in _LABELS or len(picture.frame) < needed or (halves and width % 2):
        raise contradiction(name)
    stored = np.frombuffer(picture.frame, np.uint8, needed)
    if halves:
        return _flattened(stored.reshape(height, width // 2, 4), picture)
    if picture.planar:
        return _flattened(np.moveaxis(stored.reshape(3, height, width), 0, -1), picture)
    return _flattened(stored.reshape(height, width, 3), picture)


def decode_run_lengths(picture: DicomPicture, name: str) -> NDArray[np.uint8]:
    """Decode run lengths, which are PackBits, a plane a channel; see `decode_uncompressed`.

    Raises:
        ImageError: there are not three planes, or one has too few pixels.
    """
    frame = bytes(picture.frame)
    pixels = picture.width * picture.height
    check_memory(_BYTES_A_PIXEL * pixels + result_bytes(picture.width, picture.height), "DICOM file", name)
    if picture.kind not in _LABELS or len(frame) < 64:
        raise contradiction(name)
    count, *starts = struct.unpack_from("<4I", frame)
    if count != 3 or not 64 <= starts[0] <= starts[1] <= starts[2] <= len(frame):
        raise contradiction(name)
    with in_turn(picture.width, picture.height):
        planes = np.empty((3, picture.height, picture.width), np.uint8)
        for plane, start, end in zip(planes, starts, [*starts[1:], len(frame)], strict=True):
            try:
                row = Image.frombytes("L", (pixels, 1), frame[start:end], "packbits", "L")
            except ValueError as error:
                raise ImageError(
                    f"{name} is a DICOM file that cannot be decoded (a plane is too short); export it again."
                ) from error
            plane[:] = np.asarray(row).reshape(plane.shape)
    return _flattened(np.moveaxis(planes, 0, -1), picture)


def from_ybr(pixels: NDArray[np.uint8]) -> None:
    """Convert full-range YCbCr `[height, width, 3]` to RGB where it is (PS3.3, C.7.6.3.1.2)."""
    from pydicom.pixels.processing import convert_color_space  # noqa: PLC0415 - optional

    for rows in strips(*pixels.shape[:2]):
        pixels[rows] = convert_color_space(pixels[rows], "YBR_FULL", "RGB")


def _flattened(stored: NDArray[np.uint8], picture: DicomPicture) -> NDArray[np.uint8]:
    def strip_of(rows: slice) -> Image.Image:
        pixels = np.ascontiguousarray(_pairs(stored[rows]) if stored.shape[2] == 4 else stored[rows])
        if picture.kind != "RGB":
            pixels = pixels if pixels.flags.writeable else pixels.copy()
            from_ybr(pixels)
        return Image.fromarray(pixels)

    size = (picture.width, picture.height)
    return flatten(size, strip_of, profile=picture.profile, halved=is_large(*size))


def _pairs(pairs: NDArray[Any]) -> NDArray[np.uint8]:
    """Give both pixels of a pair the colours that they share: Y, Y, Cb, Cr to Y, Cb, Cr, Y, Cb, Cr."""
    rows, columns, _ = pairs.shape
    apart = np.empty((rows, columns, 2, 3), np.uint8)
    apart[..., 0] = pairs[..., :2]
    apart[..., 1:] = pairs[:, :, None, 2:]
    return apart.reshape(rows, columns * 2, 3)
