"""Files made to take a decoder's memory, time or life: each is a picture or one sentence, within bounds."""

import math

import pytest

from dermdistill.errors import ImageError
from dermdistill.imaging import MAX_MEMORY_BYTES, decode_image

from .hostile import HOSTILE
from .measured import measuring


@pytest.fixture(scope="module")
def measure():
    with measuring() as measure:
        yield measure


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_hostile_takes_little_and_harms_nobody(kind, measure, tmp_path):
    path = tmp_path / "hostile"
    path.write_bytes(HOSTILE[kind]())
    measured = measure(path)
    assert not math.isnan(measured.peak_bytes), measured.outcome
    assert measured.peak_bytes < MAX_MEMORY_BYTES
    assert measured.seconds < 5
    assert "\n" not in measured.outcome


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("png, animated", "the PNG cannot be decoded"),
        ("png, a chunk that claims 4 GB", "the PNG has no end"),
        ("png, a column of 100 MP", "a side may have 65535"),
        ("tiff, LONG8 of 400 MP", "20000 x 20000 pixels, more than the 100 megapixels allowed"),
        ("tiff, one strip of 100 MP", "a TIFF that takes 1170 MB to decode, more than the 600 MB allowed"),
        ("tiff, a tile of 2 GB", "to decode, more than the 600 MB allowed"),
        ("tiff, 62,500 tiles that are all the file", "a TIFF whose parts share their bytes"),
        ("tiff, 100 JPEGs of 150 scans", "more than 4 scans"),
        ("bmp, runs of no pixels", "more run lengths than pixels"),
        ("webp, animated on 100 MP", "an animation in parts"),
        ("bmp, 100 MP of run lengths", "a large BMP compressed by run lengths"),
        ("jpeg, 150 scans of 12 MP", "159 scans, as no camera makes at this size"),
        ("dicom, JPEG 2000 in 65,535 layers", "a JPEG 2000 of a kind that is not read"),
        ("dicom, 3,000,000 elements", "more than 4 MB before its picture"),
        ("dicom, 490,000 items of a sequence", "more than 50000 items"),
        ("dicom, 5,000,000 fragments", "more than 50000 items"),
        ("heic, a grid of more than it shows", "more tiles than its picture needs"),
    ],
)
def test_the_sentence_says_what_is_wrong(kind, reason):
    with pytest.raises(ImageError, match=rf"^upload 1 .*{reason}"):
        decode_image(HOSTILE[kind](), name="upload 1")
