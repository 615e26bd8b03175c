import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.imaging import decode_image

from .hostile import bmp_of_runs
from .made import coded, smooth

RGB = smooth(13, 17)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_every_depth_gives_back_the_pixels(mode):
    image = Image.fromarray(RGB).convert(mode)
    np.testing.assert_array_equal(decode_image(coded(image, "BMP")), np.asarray(image.convert("RGB")))


def test_rows_from_the_top_down_and_a_short_header_are_read():
    data = bytearray(cv2.imencode(".bmp", RGB[..., ::-1])[1].tobytes())
    struct.pack_into("<i", data, 22, -13)
    np.testing.assert_array_equal(decode_image(bytes(data)), RGB[::-1])
    rows = np.zeros((2, 8), np.uint8)
    rows[:, :6] = [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]]
    old = b"BM" + struct.pack("<IHHIIHHHH", 42, 0, 0, 26, 12, 2, 2, 1, 24) + rows.tobytes()
    np.testing.assert_array_equal(
        decode_image(old)[:, :, ::-1].reshape(2, 6), [[7, 8, 9, 10, 11, 12], [1, 2, 3, 4, 5, 6]]
    )


def test_small_ones_of_run_lengths_are_read():
    assert decode_image(bmp_of_runs(8, 9)).shape == (8, 9, 3)


@pytest.mark.parametrize(
    ("at", "form", "value", "reason"),
    [
        (28, "<H", 7, "of a kind that is not read"),
        (30, "<I", 4, "of a kind that is not read"),
        (18, "<i", 60_000, "cannot be decoded"),
        (18, "<i", -17, "-17 x 13 pixels"),
        (10, "<I", 2**31, "cannot be decoded"),
    ],
)
def test_a_header_that_cannot_be_is_refused(at, form, value, reason):
    data = bytearray(coded(RGB, "BMP"))
    struct.pack_into(form, data, at, value)
    with pytest.raises(ImageError, match=reason):
        decode_image(bytes(data))
