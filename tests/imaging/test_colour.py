"""The same colours, written for several colour spaces, come out the same."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from dermdistill.errors import ImageError
from dermdistill.imaging import UnsupportedFormatError, decode_image
from dermdistill.imaging.colour.primaries import coded_profile, matrix_profile
from dermdistill.imaging.colour.profiles import transform_of

from .made import chunk, coded, dicom, heic, png_with, smooth

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
P3_POINTS = (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.3290)
# Display P3 to sRGB, in light: CSS Color 4, section 18 (through XYZ, D65).
P3_TO_SRGB = np.array(
    [[1.2249401, -0.2249404, 0.0], [-0.0420569, 1.0420571, 0.0], [-0.0196376, -0.0786361, 1.0982735]]
)


def light(levels):
    levels = levels / 255
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def stored(linear):
    linear = np.clip(linear, 0, 1)
    return 255 * np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def in_p3(rgb):
    """What a phone stores of colours that sRGB has, too."""
    return np.round(stored(light(rgb.astype(float)) @ np.linalg.inv(P3_TO_SRGB).T)).astype(np.uint8)


SKIN = (smooth(48, 64) // 3 + np.array([150, 90, 70])).clip(0, 255).astype(np.uint8)
P3 = matrix_profile(P3_POINTS, 0.0)
FILES = {
    "jpeg": (lambda rgb: coded(rgb, "JPEG", quality=98, subsampling=0, icc_profile=P3), 5),
    "png": (lambda rgb: coded(rgb, "PNG", icc_profile=P3), 1),
    "webp": (lambda rgb: coded(rgb, "WEBP", lossless=True, icc_profile=P3), 1),
    "tiff": (lambda rgb: coded(rgb, "TIFF", icc_profile=P3), 1),
    "tiff, compressed": (lambda rgb: coded(rgb, "TIFF", icc_profile=P3, compression="tiff_lzw"), 1),
    "heic": (lambda rgb: coded_heic(rgb, icc_profile=P3), 8),
    "dicom": (lambda rgb: dicom(rgb[None], ICCProfile=P3 + bytes(len(P3) % 2)), 1),
    "png, transparent": (
        lambda rgb: coded(np.dstack([rgb, np.full((48, 64), 255, np.uint8)]), "PNG", icc_profile=P3),
        1,
    ),
    "png, by cICP": (lambda rgb: png_with(coded(rgb, "PNG"), chunk(b"cICP", bytes([12, 13, 0, 1]))), 1),
    "png, by cHRM": (
        lambda rgb: png_with(coded(rgb, "PNG"), chunk(b"gAMA", gamma(45_455)), chunk(b"cHRM", chrm())),
        1,
    ),
}


def coded_heic(rgb, **info):
    import pillow_heif

    file, image = BytesIO(), Image.fromarray(rgb)
    image.info.update(info)
    pillow_heif.from_pillow(image).save(file, quality=98, chroma=444)
    return file.getvalue()


def gamma(value):
    return struct.pack(">I", value)


def chrm():
    return struct.pack(">8I", *(round(value * 100_000) for value in (*P3_POINTS[6:], *P3_POINTS[:6])))


@pytest.mark.parametrize("kind", FILES)
def test_display_p3_becomes_srgb(kind):
    make, atol = FILES[kind]
    np.testing.assert_allclose(decode_image(make(in_p3(SKIN)), name=kind).astype(int), SKIN, atol=atol)


def test_an_srgb_profile_changes_nothing():
    for profile in (SRGB, coded_profile(1, 13) or SRGB, matrix_profile((*P3_POINTS,), 0.0)[:200]):
        assert transform_of(profile) is None
        np.testing.assert_array_equal(decode_image(coded(SKIN, "PNG", icc_profile=profile)), SKIN)
    plain = coded(SKIN, "JPEG", quality=90)
    np.testing.assert_array_equal(
        decode_image(coded(SKIN, "JPEG", quality=90, icc_profile=SRGB)), decode_image(plain)
    )


def test_what_png_says_first_counts():
    """cICP before iCCP before sRGB before gAMA and cHRM (PNG, third edition, 12.1)."""
    pixels = in_p3(SKIN)
    plain = coded(pixels, "PNG")
    p3 = chunk(b"iCCP", b"p\0\0" + zlib.compress(P3))
    srgb, wide = chunk(b"sRGB", b"\0"), chunk(b"cHRM", chrm())
    np.testing.assert_array_equal(decode_image(png_with(plain, srgb, wide)), pixels)
    np.testing.assert_allclose(decode_image(png_with(plain, srgb, p3)).astype(int), SKIN, atol=1)
    np.testing.assert_array_equal(
        decode_image(png_with(plain, chunk(b"cICP", bytes([1, 13, 0, 1])), p3)), pixels
    )


def test_a_linear_png_is_brightened():
    linear = np.round(light(SKIN.astype(float)) * 255).astype(np.uint8)
    shown = decode_image(png_with(coded(linear, "PNG"), chunk(b"gAMA", gamma(100_000))))
    np.testing.assert_allclose(shown.astype(int), np.round(stored(linear / 255)), atol=1)


def test_a_profile_of_grey_counts_for_grey_alone():
    ramp = np.arange(256, dtype=np.uint8)[None].repeat(8, 0)
    grey = grey_profile(1.0)
    for kind, how in {"PNG": {}, "TIFF": {}, "JPEG": {"quality": 100}}.items():
        shown = decode_image(coded(Image.fromarray(ramp), kind, icc_profile=grey, **how))
        expected = np.round(stored(np.arange(256) / 255))[None, :, None]
        np.testing.assert_allclose(
            shown.astype(int)[:, 16:], np.broadcast_to(expected, shown.shape)[:, 16:], atol=3
        )
    np.testing.assert_array_equal(decode_image(coded(SKIN, "PNG", icc_profile=grey)), SKIN)


def grey_profile(exponent):
    """An ICC profile of version 2 for grey, with an exponent (ICC.1:2001-04)."""
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63_190, 65_536, 54_061)
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(exponent * 256)) + b"\0\0"
    words = b"desc" + struct.pack(">II", 0, 2) + b"g\0" + bytes(79)
    tags = {b"desc": words + bytes(-len(words) % 4), b"wtpt": white, b"kTRC": curve}
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for kind, value in tags.items():
        table += struct.pack(">4sII", kind, start + len(body), len(value))
        body += value
    head = struct.pack(">I4sI4s4s4s", start + len(body), bytes(4), 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63_190, 65_536, 54_061)
    return head + bytes(128 - len(head)) + table + body


@pytest.mark.parametrize("profile", [b"no profile", P3[:300], P3[:128] + bytes(500), bytes(5_000_000)])
def test_a_profile_that_cannot_be_read_is_left_out_of_account(profile):
    np.testing.assert_array_equal(decode_image(coded(SKIN, "TIFF", icc_profile=profile)), SKIN)


def test_a_cmyk_jpeg_has_its_colours():
    ink = Image.fromarray(SKIN).convert("CMYK")
    shown = decode_image(coded(ink, "JPEG", quality=98))
    np.testing.assert_allclose(shown.astype(int), SKIN, atol=6)


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_is_refused(transfer):
    data = png_with(coded(SKIN, "PNG"), chunk(b"cICP", bytes([9, transfer, 0, 1])))
    with pytest.raises(
        UnsupportedFormatError, match="a PNG of high dynamic range, which is not read; export it"
    ):
        decode_image(data)


def test_a_heic_that_names_its_colours_by_numbers_is_converted():
    data = coded_heic(in_p3(SKIN))
    said = b"nclx" + struct.pack(">HHH", 1, 13, 6)
    assert data.count(said) == 1
    p3 = data.replace(said, b"nclx" + struct.pack(">HHH", 12, 13, 6))
    np.testing.assert_allclose(decode_image(p3).astype(int), SKIN, atol=8)
    with pytest.raises(ImageError, match="high dynamic range"):
        decode_image(data.replace(said, b"nclx" + struct.pack(">HHH", 9, 16, 6)))


@pytest.mark.parametrize("points", [(0.6, 0.3) * 4, (0.0,) * 8, (9e9,) * 8, P3_POINTS[:4]])
def test_primaries_that_span_nothing_make_no_profile(points):
    with pytest.raises(ValueError, match="no colour space"):
        matrix_profile(points, 0.0)


def test_heic_without_colours_named_is_srgb():
    np.testing.assert_allclose(
        decode_image(heic(SKIN, quality=98, save_nclx_profile=False)).astype(int), SKIN, atol=10
    )
