"""Saved pictures say nothing of place, time and device, and their pixels stay the same."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin
from playwright.sync_api import expect

from synthetic import lesion_image

from .clinic import look_at_all, press
from .exports import export, manifest_of
from .profiles import display_p3

SECRETS = (b"Jane's phone", b"2026:03:01", b"Rue Secrete")
LESION = Image.fromarray(lesion_image("nv", 3, height=90, width=120))
GPS = 0x8825


@pytest.fixture
def server(unguarded):
    return unguarded


def exif():
    made = Image.Exif()
    made[0x010F] = "Jane's phone"
    made[0x0132] = "2026:03:01 10:00:00"
    made[0x0112] = 6  # turned
    made.get_ifd(0x8769)[0x9003] = "2026:03:01 10:00:00"  # when it was taken
    made.get_ifd(GPS).update({1: "N", 2: (47.0, 22.0, 12.0), 3: "E", 4: (8.0, 32.0, 6.0)})
    return made


def written(kind, **options):
    file = io.BytesIO()
    LESION.save(file, kind, exif=exif(), icc_profile=display_p3(), **options)
    return file.getvalue()


def texts():
    info = PngImagePlugin.PngInfo()
    info.add_text("Location", "Rue Secrete")
    info.add_itxt("XML:com.adobe.xmp", "<x>Rue Secrete</x>")
    return info


XMP = b"<x:xmpmeta>Rue Secrete</x:xmpmeta>"
FILES = {
    "jpeg": (
        written("JPEG", quality=92, xmp=XMP, comment=b"Rue Secrete") + b"Jane's phone: a film",
        "image/jpeg",
    ),
    "progressive": (written("JPEG", quality=80, progressive=True), "image/jpeg"),
    "png": (written("PNG", pnginfo=texts()), "image/png"),
    "webp": (written("WEBP", quality=90, xmp=XMP), "image/webp"),
    "lossless": (written("WEBP", lossless=True), "image/webp"),
}


def test_what_is_saved_has_the_same_pixels_and_no_secret(page):
    given = [{"name": name, "mimeType": kind, "buffer": data} for name, (data, kind) in FILES.items()]
    assert all(any(secret in data for secret in SECRETS) for data, _ in FILES.values())
    look_at_all(page, *given)
    press(page, "Save all")
    expect(page.locator("#stripped")).to_contain_text("Place, device")
    page.fill("#patient", "P-1")
    press(page, "Save")
    expect(page.locator("#case-list li")).to_have_count(len(FILES))
    manifest, pictures = manifest_of(export(page))
    kept = {case["notes"]: pictures[case["visits"][0]["file"]] for case in manifest["cases"]}
    assert set(kept) == set(FILES)
    taken = {case["notes"]: case["visits"][0]["date"][:10] for case in manifest["cases"]}
    assert (taken["jpeg"], taken["progressive"]) == ("2026-03-01", "2026-03-01")
    for name, data in kept.items():
        assert not any(secret in data for secret in SECRETS), name
        assert b"Rue" not in data, name
        before, after = (Image.open(io.BytesIO(file)) for file in (FILES[name][0], data))
        tags = after.getexif()
        assert not tags.get_ifd(GPS)
        upright = ImageOps.exif_transpose(before)
        if before.format == "JPEG":
            assert after.format == "JPEG"
            assert dict(tags) == {0x0112: 6}, name  # it is still shown upright
            assert after.info["icc_profile"] == before.info["icc_profile"], name
            np.testing.assert_array_equal(np.asarray(ImageOps.exif_transpose(after)), np.asarray(upright))
        else:  # browsers do not agree on these: they are kept upright, in sRGB, without a loss
            assert (after.format, dict(tags)) == ("PNG", {}), name
            assert "icc_profile" not in after.info
            of_camera = ImageCms.ImageCmsProfile(io.BytesIO(before.info["icc_profile"]))
            converted = ImageCms.profileToProfile(
                upright.convert("RGB"), of_camera, ImageCms.createProfile("sRGB")
            )
            difference = np.asarray(after.convert("RGB")).astype(int) - np.asarray(converted)
            assert np.abs(difference).max() <= 3, name
