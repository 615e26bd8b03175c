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


def display_p3():
    """An ICC profile, version 2: primaries of Display P3 adapted to D50, gamma 2.2."""

    def fixed(value):
        return struct.pack(">i", round(value * 65536))

    def xyz(*values):
        return b"XYZ " + bytes(4) + b"".join(map(fixed, values))

    text = b"P3\0"
    description = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78)
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256)) + bytes(2)
    tags = {
        b"desc": description + bytes(-len(description) % 4),
        b"cprt": b"text" + bytes(4) + b"CC0\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.5151, 0.2412, -0.0011),
        b"gXYZ": xyz(0.2920, 0.6922, 0.0419),
        b"bXYZ": xyz(0.1571, 0.0666, 0.7841),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    place = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags.items():
        table += name + struct.pack(">II", place + len(body), len(data))
        body += data
    size = place + len(body)
    head = struct.pack(">I4sI4s4s4s", size, bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += fixed(0.9642) + fixed(1.0) + fixed(0.8249)
    return head + bytes(128 - len(head)) + table + body
