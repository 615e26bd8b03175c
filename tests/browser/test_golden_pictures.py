"""Pictures of our own making that Python and the browser must see alike: profiles, transparency, size."""

import base64
import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from dermdistill.imaging import decode_image
from synthetic import lesion_image

from .engine import ENGINE
from .profiles import display_p3


@pytest.fixture(scope="module")
def open_page(browser, server):
    page = browser.new_page(base_url=server.address)
    page.goto("/")
    yield page
    page.close()


def seen(page, picture, kind):
    """The pixels `[height, width, 3]` that the page's engine reads from a file."""
    code = (
        f"async ([text, type]) => {{ {ENGINE}"
        "const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));"
        "const { width, height, strips } = engine.pixelsOf(await engine.decode(new Blob([bytes], { type })));"
        "return [width, height, [...strips()].flatMap(({ rgba }) => [...rgba])]; }"
    )
    width, height, values = page.evaluate(code, [base64.b64encode(picture).decode(), kind])
    return np.array(values, np.int64).reshape(height, width, 4)[..., :3]


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def srgb():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


LESION = Image.fromarray(lesion_image("mel", 3, height=60, width=80))


def transparent():
    alpha = np.linspace(0, 255, 80).astype(np.uint8)[None].repeat(60, 0)
    return Image.merge("RGBA", [*LESION.split(), Image.fromarray(alpha)])


def turned_webp(marker):
    """A WebP that is to be turned by a quarter; `marker` begins its EXIF data."""
    orientation = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)
    exif = marker + orientation
    plain = saved(LESION, "WEBP", lossless=True, exif=orientation)
    chunks, place = b"", 12
    while place < len(plain):
        name, size = plain[place : place + 4], int.from_bytes(plain[place + 4 : place + 8], "little")
        data = exif if name == b"EXIF" else plain[place + 8 : place + 8 + size]
        chunks += name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
        place += 8 + size + size % 2
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


PICTURES = {
    "transparency is laid over white": (saved(transparent(), "PNG"), "image/png", 2),
    "transparency of WebP, too": (saved(transparent(), "WEBP", lossless=True), "image/webp", 2),
    "an sRGB profile changes nothing": (saved(LESION, "PNG", icc_profile=srgb()), "image/png", 1),
    "a picture without a profile is sRGB": (saved(LESION, "PNG"), "image/png", 0),
    "a palette": (saved(LESION.quantize(64), "PNG"), "image/png", 0),
    "greys": (saved(LESION.convert("L"), "PNG"), "image/png", 0),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_golden_picture_is_seen_alike(open_page, name):
    picture, kind, levels = PICTURES[name]
    ours = decode_image(picture).astype(np.int64)
    theirs = seen(open_page, picture, kind)
    assert theirs.shape == ours.shape
    assert np.abs(theirs - ours).max() <= levels


@pytest.mark.parametrize("marker", [b"", b"Exif\0\0"])
def test_a_turned_webp_stands_upright_in_both(marker):
    upright = np.asarray(LESION)
    np.testing.assert_array_equal(decode_image(turned_webp(marker)), np.rot90(upright, -1))


def test_wide_colours_are_brought_to_srgb_alike(open_page):
    """Display P3, the profile of most phones: matrix and curve written out here."""
    picture = saved(LESION, "JPEG", quality=98, subsampling=0, icc_profile=display_p3())
    ours, theirs = decode_image(picture).astype(np.int64), seen(open_page, picture, "image/jpeg")
    plain = np.asarray(LESION, np.int64)
    assert np.abs(ours - plain).mean() > 2, "the profile counts"
    assert np.abs(theirs - ours).mean() < 1
    assert np.abs(theirs - ours).max() <= 6


def test_a_side_that_is_too_long_is_refused_as_in_python(open_page):
    code = (
        f"async () => {{ {ENGINE}"
        "try { engine.pixelsOf({ width: 65536, height: 2 }); } catch ({ code }) { return code; } }"
    )
    assert open_page.evaluate(code) == "too_large"
