"""Pictures of our own making that Python and the browser must see alike: profiles, transparency, size."""

import base64
import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

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


def orientation_tiff(value, kind=3):
    """EXIF data that state an orientation alone; `kind` is TIFF's number of its type: 3 SHORT, 4 LONG."""
    stated = struct.pack(">H2x" if kind == 3 else ">I", value)
    return b"MM\0*\0\0\0\x08" + struct.pack(">HHHI", 1, 0x0112, kind, 1) + stated + bytes(4)


def turned_webp(value, marker=b"", image=LESION, **options):
    """A WebP with an EXIF orientation; `marker` begins its EXIF data."""
    exif = marker + orientation_tiff(value)
    plain = saved(image, "WEBP", lossless=True, exif=orientation_tiff(value), **options)
    chunks, place = b"", 12
    while place < len(plain):
        name, size = plain[place : place + 4], int.from_bytes(plain[place + 4 : place + 8], "little")
        data = exif if name == b"EXIF" else plain[place + 8 : place + 8 + size]
        chunks += name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
        place += 8 + size + size % 2
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def turned_png(value, image=LESION):
    return saved(image, "PNG", exif=orientation_tiff(value))


def late_exif(png):
    """The PNG with its EXIF data behind its picture, where the standard allows them, too."""
    chunks, place = [], 8
    while place < len(png):
        size = int.from_bytes(png[place : place + 4])
        chunks.append(png[place : place + 12 + size])
        place += 12 + size
    exif = next(chunk for chunk in chunks if chunk[4:8] == b"eXIf")
    others = [chunk for chunk in chunks if chunk is not exif]
    return png[:8] + b"".join([*others[:-1], exif, others[-1]])


def turned_jpeg(value, kind=3):
    exif = b"Exif\0\0" + orientation_tiff(value, kind)
    return saved(LESION, "JPEG", quality=98, subsampling=0, exif=exif)


def animated_webp():
    frames = {"save_all": True, "append_images": [ImageOps.invert(LESION)], "duration": 100}
    return turned_webp(6, **frames)


ORIENTATIONS = range(1, 9)
# Each with the levels by which two decoders may differ.
TURNED = {
    **{f"a WebP of orientation {n}": (turned_webp(n), "image/webp", 0) for n in ORIENTATIONS},
    **{f"a PNG of orientation {n}": (turned_png(n), "image/png", 0) for n in ORIENTATIONS},
    **{f"a JPEG of orientation {n}": (turned_jpeg(n), "image/jpeg", 2) for n in ORIENTATIONS},
    "a WebP whose EXIF data begin as in JPEG": (turned_webp(6, b"Exif\0\0"), "image/webp", 0),
    "a transparent WebP that is turned": (turned_webp(6, image=transparent()), "image/webp", 2),
    "an animated WebP that is turned": (animated_webp(), "image/webp", 0),
    "a transparent PNG that is turned": (turned_png(5, transparent()), "image/png", 2),
    "a PNG that states its orientation at its end": (late_exif(turned_png(8)), "image/png", 0),
    "an orientation that is no SHORT counts nowhere": (turned_jpeg(6, kind=4), "image/jpeg", 2),
}

PICTURES = {
    "transparency is laid over white": (saved(transparent(), "PNG"), "image/png", 2),
    "transparency of WebP, too": (saved(transparent(), "WEBP", lossless=True), "image/webp", 2),
    "an sRGB profile changes nothing": (saved(LESION, "PNG", icc_profile=srgb()), "image/png", 1),
    "a picture without a profile is sRGB": (saved(LESION, "PNG"), "image/png", 0),
    "a palette": (saved(LESION.quantize(64), "PNG"), "image/png", 0),
    "greys": (saved(LESION.convert("L"), "PNG"), "image/png", 0),
    **TURNED,
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_golden_picture_is_seen_alike(open_page, name):
    picture, kind, levels = PICTURES[name]
    ours = decode_image(picture).astype(np.int64)
    theirs = seen(open_page, picture, kind)
    assert theirs.shape == ours.shape
    assert np.abs(theirs - ours).max() <= levels


@pytest.mark.parametrize("name", TURNED)
def test_a_turned_picture_is_shown_as_it_is_answered(open_page, name):
    """In an <img>, as beside the answer, in a case and on paper."""
    picture, kind, levels = TURNED[name]
    code = (
        f"async ([text, type]) => {{ {ENGINE}"
        "const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));"
        "const shown = new Image();"
        "shown.src = URL.createObjectURL(await engine.shownUpright(new Blob([bytes], { type })));"
        "await shown.decode();"
        "const { naturalWidth: width, naturalHeight: height } = shown;"
        "const context = new OffscreenCanvas(width, height).getContext('2d', { alpha: false });"
        "context.fillStyle = 'white'; context.fillRect(0, 0, width, height); context.drawImage(shown, 0, 0);"
        "return [width, height, [...context.getImageData(0, 0, width, height).data]]; }"
    )
    width, height, values = open_page.evaluate(code, [base64.b64encode(picture).decode(), kind])
    theirs = np.array(values, np.int64).reshape(height, width, 4)[..., :3]
    ours = decode_image(picture).astype(np.int64)
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
