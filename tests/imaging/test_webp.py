from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.imaging import decode_image
from dermdistill.imaging.containers.webp import read_webp

from .made import coded, riff, smooth, vp8x

RGB = smooth(24, 32)
STILL = coded(RGB, "WEBP", lossless=True)
PICTURE = (STILL[12:16], STILL[20:])


def test_of_an_animation_the_first_picture_is_read():
    frames = [Image.fromarray(pixels) for pixels in (RGB, 255 - RGB)]
    file = BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    still = read_webp(file.getvalue(), "a")
    assert b"ANIM" not in still.data
    np.testing.assert_array_equal(decode_image(file.getvalue()), RGB)


def test_the_decoder_gets_the_picture_alone():
    assert read_webp(riff(vp8x(32, 24, 4), PICTURE, (b"XMP ", b"text"), (b"what", b"x")), "a").data == STILL


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (riff(vp8x(32, 24)), "the WebP has no picture"),
        (riff(vp8x(33, 24), PICTURE), "two sizes"),
        (
            riff(vp8x(32, 24, 2), (b"ANIM", bytes(6)), (b"ANMF", b"\1" + bytes(15) + STILL[12:])),
            "animation in parts",
        ),
        (riff((b"VP8X", bytes(10)), (b"VP8L", b"")), "the WebP has no picture"),
        (STILL[:-40], "the WebP ends too early"),
        (riff((PICTURE[0], PICTURE[1][:30])), "the WebP cannot be decoded"),
    ],
)
def test_a_webp_that_is_not_whole_is_refused_with_the_reason(data, reason):
    with pytest.raises(ImageError, match=reason):
        decode_image(data)
