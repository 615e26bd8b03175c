"""However a format says how a picture was held, it comes out upright, and turned once."""

from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image

from dermdistill.imaging import decode_image
from dermdistill.imaging.orientation import exif_orientation
from exif import with_orientation

from .made import chunk, coded, encode, exif, heic, png_with, riff, smooth, vp8x

ORIENTATIONS = {  # what a viewer must do to the stored pixels; EXIF 2.32, tag 0x0112
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: np.rot90,
}
STORED = smooth(48, 64)


def webp(orientation, prefix=b""):
    picture = coded(STORED, "WEBP", lossless=True)
    data = prefix + exif(orientation)
    return riff(vp8x(64, 48, 8), (picture[12:16], picture[20:]), (b"EXIF", data))


def tiff(orientation, **how):
    file = BytesIO()
    tags = [(274, "H", 1, orientation, True)]
    tifffile.imwrite(file, STORED, photometric="rgb", extratags=tags, **how)
    return file.getvalue()


FILES = {
    "jpeg": lambda value: with_orientation(encode(STORED, ".jpg"), value),
    "png": lambda value: png_with(coded(STORED, "PNG"), chunk(b"eXIf", exif(value, "<"))),
    "png, with a prefix": lambda value: png_with(
        coded(STORED, "PNG"), chunk(b"eXIf", b"Exif\0\0" + exif(value))
    ),
    "webp": webp,
    "webp, with a prefix": lambda value: webp(value, b"Exif\0\0"),
    "tiff": tiff,
    "tiff in tiles": lambda value: tiff(value, tile=(32, 32)),
    "tiff, compressed": lambda value: tiff(value, compression="deflate"),
    "heic": lambda value: heic(STORED, quality=95, exif=b"Exif\0\0" + exif(value)),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("value", ORIENTATIONS)
def test_the_orientation_is_honoured(kind, value):
    got = decode_image(FILES[kind](value), name=kind)
    upright = ORIENTATIONS[value](STORED)
    assert got.shape == upright.shape
    np.testing.assert_allclose(got.astype(int), upright, atol=12 if kind in {"jpeg", "heic"} else 0)


def test_an_exif_that_contradicts_a_heic_is_not_looked_at():
    turned = heic(STORED, quality=95, exif=b"Exif\0\0" + exif(6))
    assert turned.count(exif(1)) + turned.count(exif(6)) == 1
    both = turned.replace(exif(1), exif(6))
    np.testing.assert_array_equal(decode_image(both), decode_image(turned))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MM\0*",
        exif(9),
        exif(0),
        exif(6)[:-4],
        b"XX" + exif(6)[2:],
        exif(6).replace(b"\1\x12", b"\1\x13"),
        exif(6).replace(b"\1\x12\0\3", b"\1\x12\0\4"),  # a LONG, which browsers do not read
        exif(6).replace(b"\0\3\0\0\0\1", b"\0\3\0\0\0\2"),  # two values
    ],
)
def test_exif_that_says_nothing_of_use_leaves_the_picture_as_it_is(data):
    expected = 6 if data == exif(6)[:-4] else 1  # the last four bytes lead to a second directory
    assert exif_orientation(data) == expected


def test_a_thumbnail_is_not_taken_for_the_picture():
    file = BytesIO()
    info = Image.Exif()
    info[0x0112] = 8
    Image.fromarray(STORED).save(
        file, "JPEG", exif=info.tobytes() + coded(STORED[:8, :8], "JPEG"), quality=95
    )
    np.testing.assert_allclose(decode_image(file.getvalue()).astype(int), np.rot90(STORED), atol=8)
