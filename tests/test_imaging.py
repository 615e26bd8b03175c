import os
import struct
import zlib
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from dermdistill.errors import ImageError, UnreadableError
from dermdistill.imaging import (
    UnsupportedFormatError,
    check_image,
    decode_image,
    read_header,
    read_image,
    resize_square,
)
from exif import with_orientation

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


def smooth_rgb(height, width):
    y, x = np.mgrid[:height, :width].astype(float)
    return np.stack([x / width * 255, y / height * 255, (x + y) / (height + width) * 255], -1).astype(
        np.uint8
    )


def encode(rgb, suffix=".jpg", *options):
    return cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), list(options))[1].tobytes()


def png_claiming(width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff", ".webp"])
def test_lossless_formats_give_back_the_pixels(suffix, tmp_path):
    rgb = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    options = (cv2.IMWRITE_WEBP_QUALITY, 101) if suffix == ".webp" else ()
    data = encode(rgb, suffix, *options)
    np.testing.assert_array_equal(decode_image(data), rgb)
    assert (read_header(data).width, read_header(data).height) == (60, 40)
    (tmp_path / "image").write_bytes(data)
    np.testing.assert_array_equal(read_image(tmp_path / "image"), rgb)


def test_jpeg_is_decoded_as_rgb_not_bgr():
    red = np.full((32, 32, 3), (250, 10, 20), np.uint8)
    np.testing.assert_allclose(decode_image(encode(red)), red, atol=3)


def test_a_very_large_jpeg_is_decoded_at_half_its_size_and_nothing_else_is(monkeypatch):
    shapes = cv2.resize(np.array([[[20, 90, 200], [210, 40, 60]]], np.uint8), (64, 48))
    jpeg, png = (cv2.imencode(suffix, shapes)[1].tobytes() for suffix in (".jpg", ".png"))
    assert decode_image(jpeg).shape == (48, 64, 3)
    monkeypatch.setattr("dermdistill.imaging.large.LARGE_PIXELS", 64 * 48 - 1)
    assert decode_image(png).shape == (48, 64, 3)
    half = shapes.reshape(24, 2, 32, 2, 3).mean(axis=(1, 3))[..., ::-1]
    np.testing.assert_allclose(decode_image(jpeg), half, atol=12)


@pytest.mark.parametrize("value", ORIENTATIONS)
def test_exif_orientation_is_honoured(value):
    stored = smooth_rgb(64, 96)
    upright = ORIENTATIONS[value](stored)
    got = decode_image(with_orientation(encode(stored, ".jpg", cv2.IMWRITE_JPEG_QUALITY, 98), value))
    assert got.shape == upright.shape
    np.testing.assert_allclose(resize_square(got, 8), resize_square(upright, 8), atol=3)


def test_grey_and_alpha_become_rgb():
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    data = cv2.imencode(".png", grey)[1].tobytes()
    np.testing.assert_array_equal(decode_image(data), np.stack([grey] * 3, -1))
    bgra = np.dstack([np.full((8, 8), value, np.uint8) for value in (1, 2, 3, 255)])
    assert decode_image(cv2.imencode(".png", bgra)[1].tobytes())[0, 0].tolist() == [3, 2, 1]


@pytest.mark.parametrize("factors", [(2, 2), (3, 2), (4, 5)])
def test_whole_factors_give_block_means(factors):
    rgb = np.random.default_rng(2).integers(0, 256, (224 * factors[0], 224 * factors[1], 3), np.uint8)
    means = rgb.reshape(224, factors[0], 224, factors[1], 3).astype(float).mean((1, 3))
    # Half a grey level of rounding; the 2 x 2 case of OpenCV rounds halves up, others to even.
    assert np.abs(resize_square(rgb) - means).max() <= 0.5 + 1e-4


def area_weights(old, new):
    edges = np.arange(new + 1) * old / new
    low, high = edges[:-1, None], edges[1:, None]
    pixel = np.arange(old)[None]
    return np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None) * new / old


def test_ham10000_size_gives_exact_area_means():
    rgb = np.random.default_rng(3).integers(0, 256, (450, 600, 3), np.uint8)
    rows, columns = area_weights(450, 224), area_weights(600, 224)
    expected = np.stack([rows @ rgb[:, :, c].astype(float) @ columns.T for c in range(3)], -1)
    assert np.abs(resize_square(rgb) - expected).max() <= 0.5 + 1e-2


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff", ".bmp"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
def test_a_file_cut_off_anywhere_is_refused(suffix, share):
    data = encode(np.random.default_rng(5).integers(0, 256, (300, 400, 3), np.uint8), suffix)
    with pytest.raises(ImageError, match=r"photo\.x is (cut off|damaged)"):
        decode_image(data[: int(len(data) * share)], name="photo.x")


def test_a_cut_jpeg_with_a_whole_thumbnail_is_refused():
    thumbnail = encode(smooth_rgb(16, 16))
    jpeg = encode(smooth_rgb(64, 64))
    segment = b"Exif\0\0" + thumbnail
    data = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]
    assert decode_image(data).shape == (64, 64, 3)
    with pytest.raises(ImageError, match="ends too early"):
        decode_image(data[:-20])


def test_bytes_after_the_end_of_a_jpeg_are_ignored():
    assert decode_image(encode(smooth_rgb(64, 64)) + b"maker notes" * 50).shape == (64, 64, 3)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"hello", "not an image file"),
        (b"GIF89a" + bytes(50), "a GIF"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "a HEIC file that cannot be decoded"),
        (b"\0\0\0\x18ftypavif" + bytes(50), "an AVIF or video"),
        (bytes(128) + b"DICM", "a DICOM file that is cut off or has no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image file"),
        (b"\xff\xd8\xff\xd9", "without a picture"),
        (png_claiming(100_000, 100_000), "more than the 100 megapixels"),
        (png_claiming(0, 10), "0 x 10 pixels"),
        (png_claiming(50, 50), "cannot be decoded"),
        (b"\xff\xd8" + b"\xff\xe0\0\x02" * 6000, "more than 5000 segments"),
        (b"\xff\xd8" + b"\xff\xda\0\x02" * 300, "more than 200 scans"),
    ],
)
def test_what_is_no_whole_image_is_refused_with_the_reason(data, reason):
    with pytest.raises(ImageError, match=reason) as caught:
        decode_image(data, name="upload 1")
    assert "upload 1" in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_bytes_give_an_image_or_an_image_error_and_nothing_else(data):
    suffix = data.draw(st.sampled_from([".jpg", ".png", ".webp", ".tiff", ".bmp"]))
    raw = bytearray(encode(smooth_rgb(24, 32), suffix))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = decode_image(bytes(raw))
    except ImageError:
        return
    check_image(image)


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


@pytest.mark.parametrize("value", ORIENTATIONS)
def test_a_tiff_in_tiles_comes_out_upright_or_not_at_all(value):
    stored, file = smooth_rgb(48, 64), BytesIO()
    tifffile.imwrite(file, stored, photometric="rgb", tile=(32, 32), extratags=[(274, "H", 1, value, True)])
    if value in {2, 3, 6, 7}:
        with pytest.raises(UnsupportedFormatError, match="a TIFF in tiles that are to be turned"):
            decode_image(file.getvalue())
    else:
        np.testing.assert_array_equal(decode_image(file.getvalue()), ORIENTATIONS[value](stored))


@pytest.mark.parametrize(
    ("shape", "how", "reason"),
    [
        ((8, 8, 5), {"photometric": "rgb"}, "is damaged, or of a kind that is not read"),
        ((8, 8), {"bigtiff": True}, "is a BigTIFF, which cannot be read"),
    ],
)
def test_a_tiff_that_is_not_read_need_not_be_damaged(shape, how, reason):
    file = BytesIO()
    tifffile.imwrite(file, np.zeros(shape, np.uint8), **how)
    with pytest.raises(ImageError, match=reason):
        decode_image(file.getvalue())


def test_what_can_be_read_is_named_with_what_it_needs():
    for data in (b"", b"hello"):
        with pytest.raises(ImageError, match="with the extras heic and dicom also HEIC and DICOM"):
            decode_image(data)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("none.jpg", r"^none\.jpg does not exist"),
        (".", "cannot be read"),
        ("a\0b.jpg", r"'a\\x00b\.jpg' is no path"),
        ("http://x.org/a.jpg", "^http://x.org/a.jpg is an address, not a file; download it first"),
        ("S3://bucket/a.jpg", "^S3://bucket/a.jpg is an address"),
    ],
)
def test_a_path_that_leads_to_no_file_says_so(path, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableError, match=reason):
        read_image(Path(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_never_ends_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", Path("/dev/zero")):
        with pytest.raises(ImageError, match="is a pipe, socket or device"):
            read_image(path)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((8, 8, 3), np.float32), "type float32"),
        (np.zeros((8, 8), np.uint8), r"shape \[8, 8\]"),
        (np.zeros((8, 8, 4), np.uint8), r"shape \[8, 8, 4\]"),
        (np.zeros((0, 8, 3), np.uint8), r"shape \[0, 8, 3\]"),
    ],
)
def test_arrays_of_the_wrong_kind_are_refused(array, reason):
    with pytest.raises(ImageError, match=reason):
        check_image(array)
