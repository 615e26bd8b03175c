import sys

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.imaging import MissingExtraError, UnsupportedFormatError, check_image, decode_image
from dermdistill.imaging.limits import in_turn

from .made import chunk, coded, dicom, encode, heic, png, smooth

RGB = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
LOSSLESS = {
    "png": coded(RGB, "PNG"),
    "png of 16 bits": encode(RGB.astype(np.uint16) * 257, ".png"),
    "bmp": coded(RGB, "BMP"),
    "webp": coded(RGB, "WEBP", lossless=True),
    "tiff": coded(RGB, "TIFF"),
    "tiff, lzw": coded(RGB, "TIFF", compression="tiff_lzw"),
    "tiff, deflate": coded(RGB, "TIFF", compression="tiff_adobe_deflate"),
    "tiff, packbits": coded(RGB, "TIFF", compression="packbits"),
    "dicom": dicom(RGB[None]),
}


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_give_back_the_pixels(kind):
    np.testing.assert_array_equal(decode_image(LOSSLESS[kind], name=kind), RGB)


def test_jpeg_is_decoded_as_rgb_not_bgr():
    red = np.full((32, 32, 3), (250, 10, 20), np.uint8)
    np.testing.assert_allclose(decode_image(encode(red)), red, atol=3)


def test_grey_and_palettes_become_rgb():
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    for image in (grey, grey.astype(np.uint16) * 257):
        data = cv2.imencode(".png", image)[1].tobytes()
        np.testing.assert_array_equal(decode_image(data), np.stack([grey] * 3, -1))
    palette = Image.fromarray(grey).convert("P")
    for kind in ("PNG", "BMP", "TIFF"):
        np.testing.assert_array_equal(decode_image(coded(palette, kind)), np.stack([grey] * 3, -1))


@pytest.mark.parametrize(
    ("kind", "how"),
    [("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {}), ("HEIC", {"quality": -1})],
)
def test_what_is_transparent_lies_over_white(kind, how):
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[..., :3] = (200, 100, 0)
    rgba[:, 8:, 3], rgba[8:, 8:, 3] = 255, 51
    data = heic(rgba, chroma=444, **how) if kind == "HEIC" else coded(rgba, kind, **how)
    got = decode_image(data).astype(int)
    atol = 3 if kind == "HEIC" else 1
    np.testing.assert_allclose(got[:, :6], 255, atol=atol)
    np.testing.assert_allclose(got[:7, 10:], np.broadcast_to((200, 100, 0), (7, 6, 3)), atol=atol)
    np.testing.assert_allclose(got[9:, 10:], np.broadcast_to((244, 224, 204), (7, 6, 3)), atol=atol)


def test_a_colour_that_stands_for_transparent_lies_over_white():
    grey = np.array([[7, 200], [7, 90]], np.uint8)
    data = coded(Image.fromarray(grey), "PNG", transparency=7)
    np.testing.assert_array_equal(decode_image(data)[..., 0], [[255, 200], [255, 90]])


def test_the_fourth_channel_of_a_bmp_means_nothing():
    bgra = np.dstack([np.full((8, 8), value, np.uint8) for value in (1, 2, 3, 0)])
    assert decode_image(cv2.imencode(".bmp", bgra)[1].tobytes())[0, 0].tolist() == [3, 2, 1]


def blocks():
    """48 x 64 pixels that two by two are the same, so that half the size has them all."""
    return np.random.default_rng(2).integers(0, 256, (24, 32, 3), np.uint8).repeat(2, 0).repeat(2, 1)


def test_a_very_large_picture_is_decoded_at_half_its_size(monkeypatch):
    pixels = blocks()
    files = {
        kind: coded(pixels, kind, **how)
        for kind, how in {"PNG": {}, "BMP": {}, "TIFF": {}, "WEBP": {"lossless": True}}.items()
    }
    files |= {"DICOM": dicom(pixels[None])}
    assert {decode_image(data).shape for data in files.values()} == {(48, 64, 3)}
    monkeypatch.setattr("dermdistill.imaging.limits.LARGE_PIXELS", 64 * 48 - 1)
    for kind, data in files.items():
        np.testing.assert_array_equal(decode_image(data), pixels[::2, ::2], err_msg=kind)
    drawn = smooth(49, 65)
    for data in (coded(drawn, "JPEG", quality=95), heic(drawn, quality=95)):
        np.testing.assert_allclose(decode_image(data).astype(int), drawn[::2, ::2], atol=12)


def test_a_large_picture_waits_for_the_other(monkeypatch):
    from concurrent.futures import ThreadPoolExecutor, wait

    monkeypatch.setattr("dermdistill.imaging.limits.LARGE_PIXELS", 30 * 40 - 1)
    rgb = smooth(30, 40)
    with ThreadPoolExecutor(3) as pool:
        with in_turn(30, 40):
            decoded = [
                pool.submit(decode_image, data) for data in (coded(rgb, "PNG"), encode(rgb), heic(rgb))
            ]
            assert wait(decoded, timeout=1).not_done == set(decoded)
        assert [future.result(60).shape for future in decoded] == [(15, 20, 3)] * 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"hello", "not an image file"),
        (b"GIF89a" + bytes(50), "a GIF"),
        (b"%PDF-1.7", "a PDF"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "a HEIC"),
        (b"\0\0\0\x18ftypavif" + bytes(50), "an AVIF or video"),
        (b"II+\0" + bytes(50), "a BigTIFF, which cannot be read"),
        (bytes(128) + b"DICM", "a DICOM file that is cut off or has no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image file"),
        (png(chunk(b"IDAT", b""), size=(100_000, 100_000)), "more than the 100 megapixels"),
        (png(chunk(b"IDAT", b""), size=(0, 10)), "0 x 10 pixels"),
        (png(chunk(b"IDAT", b"x"), size=(5, 5)), "cannot be decoded"),
    ],
)
def test_what_is_no_whole_image_is_refused_with_the_reason(data, reason):
    with pytest.raises(ImageError, match=reason) as caught:
        decode_image(data, name="upload 1")
    assert "upload 1" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tiff", ".bmp"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.999])
def test_a_file_cut_off_anywhere_is_refused(suffix, share):
    data = encode(np.random.default_rng(5).integers(0, 256, (300, 400, 3), np.uint8), suffix)
    with pytest.raises(ImageError, match=r"photo\.x is (cut off|damaged)"):
        decode_image(data[: int(len(data) * share)], name="photo.x")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_bytes_give_an_image_or_an_image_error_and_nothing_else(data):
    raw = bytearray(data.draw(st.sampled_from([*LOSSLESS.values(), encode(RGB)])))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        image = decode_image(bytes(raw))
    except ImageError:
        return
    check_image(image)


def test_what_can_be_read_is_named_with_what_it_needs():
    for data in (b"", b"hello"):
        with pytest.raises(ImageError, match="with the extras heic and dicom also HEIC and DICOM"):
            decode_image(data)


@pytest.mark.parametrize(
    ("data", "module", "extra"), [(dicom(RGB[None]), "pydicom", "dicom"), (heic(RGB), "pillow_heif", "heic")]
)
def test_what_is_missing_is_named(data, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'dermdistill\[{extra}\]'"):
        decode_image(data)


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


def test_a_kind_that_is_not_read_is_no_damage():
    assert issubclass(UnsupportedFormatError, ImageError)
    float_tiff = coded(Image.fromarray(np.ones((8, 8), np.float32)), "TIFF")
    with pytest.raises(
        UnsupportedFormatError, match="a TIFF of 32-bit float samples, a kind that is not read"
    ):
        decode_image(float_tiff)
