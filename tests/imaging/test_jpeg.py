import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.imaging import ImageTooLargeError, UnsupportedFormatError, decode_image
from dermdistill.imaging.containers.jpeg import read_jpeg

from .made import coded, encode, smooth

RGB = smooth(64, 64)


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"subsampling": 0}, {"keep_rgb": True}])
def test_the_pixels_are_those_of_libjpeg(how):
    for image in (RGB, np.random.default_rng(3).integers(0, 256, (45, 61, 3), np.uint8)):
        data = coded(image, "JPEG", quality=90, **how)
        expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
        np.testing.assert_array_equal(decode_image(data), expected)


def test_the_decoder_gets_no_metadata_and_no_second_picture():
    plain = encode(RGB)
    thumbnail = segment(0xE1, b"Exif\0\0" + encode(smooth(8, 8)))
    others = segment(0xE2, b"MPF\0" + bytes(50)) + segment(0xED, b"Photoshop") + segment(0xFE, b"a comment")
    data = plain[:2] + thumbnail + others + plain[2:] + encode(smooth(16, 16)) + b"maker notes" * 50
    assert read_jpeg(data, "a").data == plain
    np.testing.assert_array_equal(decode_image(data), decode_image(plain))
    with pytest.raises(ImageError, match="ends too early"):
        decode_image((plain[:2] + thumbnail + plain[2:])[:-20])


def test_a_profile_in_pieces_is_put_together_in_their_order():
    plain = encode(RGB)
    pieces = [segment(0xE2, b"ICC_PROFILE\0" + bytes([number, 3]) + b"%d" % number) for number in (3, 1, 2)]
    assert read_jpeg(plain[:2] + b"".join(pieces) + plain[2:], "a").profile == b"123"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xd8\xff\xd9", "without a picture"),
        (b"\xff\xd8" + b"\xff\xe0\0\x02" * 6000, "more than 5000 segments"),
        (b"\xff\xd8" + b"\xff\xda\0\x02" * 300, "more than 200 scans"),
        (
            encode(RGB)[:2] + segment(0xC0, b"\x08\0\x08\0\x08\x01\x01\x11\0") + encode(RGB)[2:],
            "says twice or wrongly",
        ),
        (
            b"\xff\xd8" + segment(0xC0, b"\x08\0\x08\0\x08\x02\x01\x11\0\2\x11\0") + b"\xff\xd9",
            "JPEG of 2 channels",
        ),
        (b"\xff\xd8" + segment(0xC0, b"\x08\0\x08\0\x08\x01\x01\x01\0") + b"\xff\xd9", "wrong sampling"),
    ],
)
def test_what_is_no_jpeg_of_a_camera_is_refused_with_the_reason(data, reason):
    with pytest.raises(ImageError, match=reason):
        decode_image(data)


@pytest.mark.parametrize("frame", [b"\xff\xc9", b"\xff\xcb"])
def test_arithmetic_coding_is_not_read(frame):
    with pytest.raises(UnsupportedFormatError, match="arithmetic coding"):
        decode_image(encode(RGB).replace(b"\xff\xc0", frame))


def test_memory_is_counted_before_the_picture_is_decoded():
    frame = struct.pack(">BHH", 8, 9_900, 10_000)
    small = coded(Image.new("RGB", (64, 64)), "JPEG", progressive=True, subsampling=0)
    at = small.find(b"\xff\xc2") + 4
    with pytest.raises(ImageTooLargeError, match=r"a JPEG that takes 8\d\d MB to decode"):
        decode_image(small[:at] + frame + small[at + 5 :])
