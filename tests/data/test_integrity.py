import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermdistill.data.integrity import check_complete
from dermdistill.errors import ImageError
from synthetic import lesion_image

from .layouts import encode

IMAGE = lesion_image("bcc", 0, height=45, width=60)
JPEG, PNG = encode(IMAGE), encode(IMAGE, ".png")


@pytest.mark.parametrize("data", [JPEG, PNG, encode(IMAGE, ".bmp"), JPEG + b"\0" * 100])
def test_whole_files_pass(data):
    check_complete(data)


@given(st.integers(2, len(JPEG) - 2))
def test_a_jpeg_cut_anywhere_is_seen(length):
    with pytest.raises(ImageError, match="truncated"):
        check_complete(JPEG[:length])


@given(st.integers(8, len(PNG) - 1))
def test_a_png_cut_anywhere_is_seen(length):
    with pytest.raises(ImageError, match="truncated"):
        check_complete(PNG[:length])


def test_the_end_of_an_embedded_thumbnail_is_not_taken_for_the_end():
    thumbnail = encode(IMAGE[:8, :8])
    segment = b"Exif\0\0" + thumbnail
    data = JPEG[:2] + b"\xff\xe1" + (len(segment) + 2).to_bytes(2, "big") + segment + JPEG[2:]
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == (45, 60, 3)
    check_complete(data)
    with pytest.raises(ImageError, match="truncated"):
        check_complete(data[:-300])
