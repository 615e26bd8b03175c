import struct
import zlib

import numpy as np
import pytest

from dermdistill.errors import ImageError
from dermdistill.imaging import decode_image
from dermdistill.imaging.containers.png import read_png

from .made import chunk, coded, png, png_with, smooth

RGB = smooth(24, 32)
PNG = coded(RGB, "PNG")


def test_the_decoder_gets_the_first_picture_and_nothing_else():
    control = struct.pack(">IIIIIHHBB", 0, 32, 24, 0, 0, 1, 20, 0, 0)
    animated = png_with(PNG, chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", control))
    more = chunk(b"fdAT", bytes(4) + zlib.compress(bytes(24 * 97)))
    data = animated[:-12] + more + chunk(b"tEXt", b"a\0b") + chunk(b"prVt", b"x") + animated[-12:]
    assert read_png(data, "a").data == PNG
    assert read_png(data + b"more", "a").data == PNG
    np.testing.assert_array_equal(decode_image(data), RGB)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PNG[:8] + PNG[33:], "has no header"),
        (PNG[:33] + PNG[8:], "has two headers"),
        (PNG[:-12], "has no end"),
        (png_with(PNG, chunk(b"CRIT", b"")), "parts that are not known"),
        (PNG[:60] + bytes([PNG[60] ^ 1]) + PNG[61:], "cannot be decoded"),
        (png(chunk(b"IDAT", b"x" * 9), depth=4), "wrongly what its colours are"),
        (png(chunk(b"IDAT", b"x" * 9), colour=5), "wrongly what its colours are"),
        (png(chunk(b"IDAT", zlib.compress(bytes(24 * 97))[:12])), "cannot be decoded"),
        (png(chunk(b"IDAT", zlib.compress(bytes(24 * 80)))), "cannot be decoded"),
        (png(chunk(b"IDAT", zlib.compress(bytes(24 * 33))), colour=3), "wrongly what its colours are"),
        (png_with(PNG, *[chunk(b"tEXt", b"")] * 100_001), "more than 100000 chunks"),
    ],
)
def test_a_png_that_is_not_whole_is_refused_with_the_reason(data, reason):
    with pytest.raises(ImageError, match=reason):
        decode_image(data)
