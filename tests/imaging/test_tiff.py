from io import BytesIO

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.imaging import UnsupportedFormatError, decode_image

from .made import coded, smooth, tiff

RGB = smooth(48, 64)


def written(pixels, **how):
    file = BytesIO()
    tifffile.imwrite(file, pixels, **how)
    return file.getvalue()


@pytest.mark.parametrize(
    "how",
    [
        {"tile": (32, 32)},
        {"rowsperstrip": 5},
        {"byteorder": ">"},
        {"compression": "deflate", "predictor": True},
        {"tile": (16, 32), "compression": "deflate", "byteorder": ">"},
        {"planarconfig": "separate"},
        {"planarconfig": "separate", "tile": (32, 32)},
        {"description": "more that a decoder need not see", "datetime": True},
    ],
)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_every_layout_gives_back_the_pixels(how, kind):
    pixels = RGB.astype(kind) * (257 if kind == np.uint16 else 1)
    pixels = np.moveaxis(pixels, -1, 0) if "planarconfig" in how else pixels
    data = written(pixels, photometric="rgb", **how)
    if kind == np.uint16 and "planarconfig" in how:  # Pillow mixes these up
        with pytest.raises(UnsupportedFormatError, match="of a kind that is not read"):
            decode_image(data)
    else:
        np.testing.assert_array_equal(decode_image(data), RGB)


def test_white_is_zero_where_the_file_says_so():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    shown = decode_image(written(grey, photometric="miniswhite"))
    np.testing.assert_array_equal(shown[..., 0], 255 - grey)


def test_of_several_pages_the_first_is_read():
    first, second = (Image.fromarray(pixels) for pixels in (RGB, 255 - RGB))
    np.testing.assert_array_equal(
        decode_image(coded(first, "TIFF", save_all=True, append_images=[second])), RGB
    )


def test_jpeg_and_ink_in_a_tiff_have_their_colours():
    for subsampling in (0, 2):
        data = coded(RGB, "TIFF", compression="jpeg", quality=95, subsampling=subsampling)
        np.testing.assert_allclose(decode_image(data).astype(int), RGB, atol=8)
    ink = Image.fromarray(RGB).convert("CMYK")
    np.testing.assert_allclose(decode_image(coded(ink, "TIFF")).astype(int), RGB, atol=1)


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int32, np.int16, np.int8])
@pytest.mark.parametrize("shape", [(8, 9), (8, 9, 3)])
def test_a_tiff_of_a_kind_that_is_not_read_is_not_called_damaged(kind, shape):
    data = cv2.imencode(".tiff", np.ones(shape, kind))[1].tobytes()
    bits = 8 * np.dtype(kind).itemsize
    name = "float" if np.issubdtype(kind, np.floating) else "signed"
    with pytest.raises(
        UnsupportedFormatError, match=f"TIFF of {bits}-bit {name} samples, a kind that is not"
    ):
        decode_image(data)


@pytest.mark.parametrize(
    "data",
    [
        written(np.zeros((8, 8, 9), np.uint8), photometric="rgb"),
        written(RGB[..., 0].astype(np.uint16), photometric="miniswhite"),
        coded(Image.new("1", (8, 8)), "TIFF", compression="group4"),
        coded(Image.new("LAB", (8, 8)), "TIFF"),
    ],
)
def test_what_is_no_photograph_is_named_as_a_kind_that_is_not_read(data):
    with pytest.raises(UnsupportedFormatError, match="of a kind that is not read"):
        decode_image(data)


GOOD = {
    256: ("H", [4]), 257: ("H", [2]), 258: ("H", [8, 8, 8]), 259: ("H", [1]), 262: ("H", [2]),
    273: ("I", [8]), 277: ("H", [3]), 278: ("H", [2]), 279: ("I", [24]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({256: ("Q", [70_000_000]), 257: ("Q", [6])}, "more than the 100 megapixels allowed"),
        ({256: ("H", [0])}, "0 x 2 pixels"),
        ({273: ("I", [9_000])}, "TIFF header is wrong"),
        ({279: ("I", [9_000])}, "TIFF header is wrong"),
        ({273: ("I", [8, 8]), 279: ("I", [24, 24])}, "TIFF header is wrong"),
        ({278: ("H", [0])}, "TIFF header is wrong"),
        ({322: ("H", [16]), 323: ("H", [16])}, "TIFF header is wrong"),
        ({273: ("I", [])}, "TIFF header is wrong"),
        ({279: ("Q", [2**64 - 8])}, "TIFF header is wrong"),
        ({273: ("I", [2**32 - 8]), 279: ("I", [])}, "TIFF header is wrong"),
        ({284: ("H", [3])}, "TIFF header is wrong"),
        ({279: ("I", [20])}, "TIFF header is wrong"),
        ({262: ("H", [3])}, "cannot be decoded"),
        ({258: ("H", [8, 8])}, "of a kind that is not read"),
        ({258: ("H", [8]), 277: ("Q", [2**63])}, "of a kind that is not read"),
        ({258: ("H", [8]), 277: ("H", [0])}, "of a kind that is not read"),
    ],
)
def test_a_directory_that_contradicts_itself_is_refused(changes, reason):
    body = bytes(range(24))
    np.testing.assert_array_equal(decode_image(tiff(GOOD, body)).reshape(-1), list(body))
    with pytest.raises(ImageError, match=reason):
        decode_image(tiff(GOOD | changes, body))


def test_a_long_strip_list_may_be_of_the_newer_type():
    wide = GOOD | {tag: ("Q", GOOD[tag][1]) for tag in (256, 257, 273, 279)}
    np.testing.assert_array_equal(decode_image(tiff(wide, bytes(range(24)))).reshape(-1), range(24))
