import struct

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.imaging import UnsupportedFormatError, decode_image

from .hostile import heic_saying
from .made import heic, smooth

RGB = smooth(60, 90)


def test_heic_gives_nearly_the_pixels():
    np.testing.assert_allclose(decode_image(heic(RGB, quality=95)).astype(int), RGB, atol=12)


def test_a_grid_of_tiles_is_put_together():
    large = smooth(600, 700)
    np.testing.assert_allclose(
        decode_image(heic(large, quality=95, tile_size=256)).astype(int), large, atol=12
    )


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_heic_is_refused(share):
    data = heic(smooth(200, 300), quality=90)
    with pytest.raises(ImageError, match="a HEIC file that cannot be decoded"):
        decode_image(data[: int(len(data) * share)])


def without_primary(data):
    """The number of a picture that is not there, as the one to show."""
    at = data.find(b"pitm") + 8
    return data[:at] + b"\x7f\xff" + data[at + 2 :]


def box(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (without_primary(heic(RGB)), "is a HEIC"),
        (box(b"ftyp", b"heic\0\0\0\0mif1heic"), "without a picture in it"),
        (box(b"ftyp", b"heic\0\0\0\0mif1heic") + box(b"meta", bytes(4)), "without a picture in it"),
        (heic(RGB).replace(b"ispe", b"free"), "without a picture in it"),
        (heic_saying(20_000, 20_000), "more than the 100 megapixels"),
        (heic_saying(2, 2), "cannot be decoded"),
    ],
)
def test_a_heic_without_a_picture_says_so(data, reason):
    with pytest.raises(ImageError, match=f"^upload 1 .*{reason}") as caught:
        decode_image(data, name="upload 1")
    assert "list index" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pictures_over_each_other_are_not_read():
    with pytest.raises(UnsupportedFormatError, match="several pictures over each other"):
        decode_image(heic(smooth(600, 700), tile_size=256).replace(b"grid", b"iovl"))


def test_grey_of_ten_bits_is_not_white():
    from io import BytesIO

    grey = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    file = BytesIO()
    pillow_heif.from_pillow(Image.fromarray(grey)).save(file, quality=95)
    np.testing.assert_allclose(decode_image(file.getvalue())[..., 0].astype(int), grey >> 8, atol=4)


def test_any_brand_in_the_first_box_tells_heic_but_avif_is_none():
    data = heic(RGB)
    assert data[8:12] == b"heic"
    assert decode_image(data[:8] + b"miaf" + data[12:]).shape == (60, 90, 3)
    with pytest.raises(UnsupportedFormatError, match="an AVIF"):
        decode_image(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif" + bytes(50))
