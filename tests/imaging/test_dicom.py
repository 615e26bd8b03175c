"""DICOM: colour photographs come out as RGB, whatever their label; all else is refused by a sentence."""

import struct

import cv2
import numpy as np
import pytest
from PIL import Image
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from dermdistill.errors import ImageError
from dermdistill.imaging import decode_image
from exif import with_orientation

from .made import coded, dicom, lossless_jpeg, packed, run_lengths, smooth

RGB = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)
SMOOTH = smooth(30, 40)
# DICOM's YBR_FULL is JPEG's full-range BT.601, OpenCV's YCrCb with its last two channels swapped.
YBR = cv2.cvtColor(RGB, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]]
SMOOTH_YBR = np.ascontiguousarray(cv2.cvtColor(SMOOTH, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]])
JPEG = coded(SMOOTH, "JPEG", quality=98)
ADOBE_YCBCR = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\1"  # Adobe's technical note 5116, section 18


def without_marker(jpeg):
    """A JPEG without its first segment, which says what its colours are."""
    return jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6]) :]


# RGB kept as it is, in a JPEG that says nothing of it.
RGB_JPEG = without_marker(
    coded(Image.frombytes("YCbCr", (40, 30), SMOOTH.tobytes()), "JPEG", subsampling=0, quality=98)
)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_rgb_is_given_back_in_every_byte_order(syntax):
    np.testing.assert_array_equal(decode_image(dicom(RGB[None], syntax=syntax)), RGB)


def test_a_file_without_its_preamble_or_its_meta_information_is_read():
    for syntax in (ExplicitVRLittleEndian, ImplicitVRLittleEndian):
        data = dicom(RGB[None], syntax=syntax)
        meta = 12 + struct.unpack_from("<I", data, 140)[0]
        np.testing.assert_array_equal(decode_image(data[132:]), RGB)
        np.testing.assert_array_equal(decode_image(data[132 + meta :]), RGB)
    jpeg = dicom([JPEG], "YBR_FULL_422", syntax=JPEGBaseline8Bit)
    np.testing.assert_array_equal(decode_image(jpeg[132:]), decode_image(jpeg))


def test_ybr_becomes_rgb():
    np.testing.assert_allclose(decode_image(dicom(YBR[None], "YBR_FULL")).astype(int), RGB, atol=3)


def test_planes_one_after_the_other_are_put_together():
    planes = np.ascontiguousarray(RGB.transpose(2, 0, 1))
    data = dicom(RGB[None], PlanarConfiguration=1, PixelData=planes.tobytes())
    np.testing.assert_array_equal(decode_image(data), RGB)


def test_two_pixels_that_share_their_colours_are_told_apart():
    # Two pixels in four bytes: their Y, then the Cb and Cr they share (PS3.3, C.7.6.3.1.2).
    y, cb, cr = np.moveaxis(SMOOTH_YBR, -1, 0)
    pairs = np.stack([y[:, ::2], y[:, 1::2], cb[:, ::2], cr[:, ::2]], -1)
    for planar in (0, 1):  # which counts for nothing here
        data = dicom(RGB[None], "YBR_FULL_422", PlanarConfiguration=planar, PixelData=pairs.tobytes())
        np.testing.assert_allclose(decode_image(data).astype(int), SMOOTH, atol=8)


@pytest.mark.parametrize("planar", [0, 1])
def test_run_lengths_are_decoded_as_labelled(planar):
    for label, stored in (("RGB", RGB), ("YBR_FULL", YBR)):
        frames = [
            run_lengths([packed(plane) for plane in np.moveaxis(pixels, -1, 0)])
            for pixels in (stored, 255 - stored)
        ]
        data = dicom(frames, label, syntax=RLELossless, PlanarConfiguration=planar)
        np.testing.assert_allclose(decode_image(data).astype(int), RGB, atol=0 if label == "RGB" else 3)


def test_runs_may_be_of_one_byte_again_and_again():
    plane = bytes([257 - 40, 7]) * 30
    data = dicom([run_lengths([plane, plane, plane])], syntax=RLELossless)
    np.testing.assert_array_equal(decode_image(data), np.full((30, 40, 3), 7))


def test_of_several_frames_the_first_is_decoded():
    jpegs = [coded(image, "JPEG", quality=98) for image in (SMOOTH, 255 - SMOOTH)]
    data = dicom(jpegs, "YBR_FULL_422", syntax=JPEGBaseline8Bit)
    np.testing.assert_allclose(decode_image(data).astype(int), SMOOTH, atol=8)
    np.testing.assert_array_equal(decode_image(dicom(np.stack([RGB, 255 - RGB]))), RGB)


@pytest.mark.parametrize(
    ("jpeg", "kind"),
    [
        (JPEG, "YBR_FULL_422"),
        (JPEG, "RGB"),
        (without_marker(JPEG), "YBR_FULL_422"),
        (JPEG[:2] + ADOBE_YCBCR + without_marker(JPEG)[2:], "YBR_FULL_422"),
        (JPEG[:2] + ADOBE_YCBCR + without_marker(JPEG)[2:], "RGB"),
        (coded(SMOOTH, "JPEG", quality=98, keep_rgb=True), "RGB"),
        (coded(SMOOTH, "JPEG", quality=98, keep_rgb=True), "YBR_FULL_422"),
        (RGB_JPEG, "RGB"),
        (with_orientation(JPEG, 3), "YBR_FULL_422"),
    ],
)
def test_a_jpeg_has_its_own_colours_and_is_not_turned(jpeg, kind):
    data = dicom([jpeg], kind, syntax=JPEGBaseline8Bit)
    np.testing.assert_allclose(decode_image(data).astype(int), SMOOTH, atol=8)


@pytest.mark.parametrize("label", ["RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"])
@pytest.mark.parametrize(("syntax", "how"), [(JPEG2000Lossless, {}), (JPEG2000, {"irreversible": True})])
def test_of_jpeg_2000_the_stream_is_believed_not_the_label(label, syntax, how):
    stream = coded(SMOOTH, "JPEG2000", no_jp2=True, mct=1, **how)
    np.testing.assert_allclose(
        decode_image(dicom([stream], label, syntax=syntax)).astype(int), SMOOTH, atol=3
    )


@pytest.mark.parametrize(
    ("label", "stored"), [("RGB", SMOOTH), ("YBR_FULL", SMOOTH_YBR), ("YBR_RCT", SMOOTH)]
)
def test_of_jpeg_2000_without_a_transform_the_label_counts(label, stored):
    stream = coded(stored, "JPEG2000", no_jp2=True, mct=0)
    shown = decode_image(dicom([stream], label, syntax=JPEG2000Lossless, PlanarConfiguration=1))
    np.testing.assert_allclose(shown.astype(int), SMOOTH, atol=3)


def test_a_jp2_file_inside_is_unwrapped():
    data = dicom([coded(SMOOTH, "JPEG2000", mct=1)], "YBR_RCT", syntax=JPEG2000Lossless)
    np.testing.assert_array_equal(decode_image(data), SMOOTH)


@pytest.mark.parametrize(("label", "stored"), [("RGB", RGB), ("YBR_FULL", YBR)])
def test_lossless_jpeg_is_decoded_as_labelled(label, stored):
    data = dicom([lossless_jpeg(stored)], label, syntax=JPEGLosslessSV1)
    np.testing.assert_allclose(decode_image(data).astype(int), RGB, atol=0 if label == "RGB" else 3)


def test_padding_is_nothing_to_warn_of():
    data = dicom(RGB[None], PixelData=RGB.tobytes() + bytes(4))
    np.testing.assert_array_equal(decode_image(data), RGB)


J2K = coded(SMOOTH, "JPEG2000", no_jp2=True)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (dicom(RGB[None, ..., 0], "MONOCHROME2"), "kind MONOCHROME2 with 8 bits; give a colour photograph"),
        (dicom(RGB[None, ..., 0], "MONOCHROME1"), "kind MONOCHROME1"),
        (dicom(RGB[None, ..., 0], "PALETTE COLOR"), "kind PALETTE COLOR"),
        (dicom(RGB[None], BitsAllocated=16, BitsStored=16, HighBit=15), "RGB with 16 bits"),
        (dicom(RGB[None], BitsAllocated=16, BitsStored=12, HighBit=11), "RGB with 16 bits"),
        (dicom(RGB[None], Rows=20_000, Columns=20_000), "more than the 100 megapixels"),
        (dicom(RGB[None], SamplesPerPixel=1), "pixels are not as it says"),
        (dicom(RGB[None], "YBR_RCT"), "pixels are not as it says"),
        (dicom(RGB[None])[:-500], "cannot be decoded"),
        (dicom(RGB[None], PixelData=RGB.tobytes()[:-4]), "pixels are not as it says"),
        (dicom(RGB[None])[:300], "is cut off or has no picture; give a colour photograph"),
        (dicom([JPEG], "YBR_FULL_422", syntax=JPEGBaseline8Bit)[:-90], "cannot be decoded|ends too early"),
        (dicom([b"no jpeg"], "YBR_FULL_422", syntax=JPEGBaseline8Bit), "pixels are not as it says"),
        (dicom([JPEG[:-90]], "YBR_FULL_422", syntax=JPEGBaseline8Bit), "the JPEG ends too early"),
        (dicom([JPEG], "YBR_FULL_422", syntax=JPEG2000Lossless), "JPEG 2000 cannot be decoded"),
        (dicom([b"\x89PNG\r\n\x1a\n" + JPEG[2:]], syntax=JPEGBaseline8Bit), "pixels are not as it says"),
        (dicom([coded(smooth(40, 30), "JPEG")], syntax=JPEGBaseline8Bit), "pixels are not as it says"),
        (
            dicom([coded(smooth(40, 30), "JPEG2000", no_jp2=True)], syntax=JPEG2000Lossless),
            "pixels are not as it says",
        ),
        (dicom([J2K[:-60]], syntax=JPEG2000Lossless), "JPEG 2000 cannot be decoded"),
        (
            dicom([coded(SMOOTH[..., 0], "JPEG2000", no_jp2=True)], syntax=JPEG2000Lossless),
            "of a kind that is not read",
        ),
        (dicom([JPEG[:2] + b"\xff\xda\0\x02" * 300], syntax=JPEGBaseline8Bit), "more than 200 scans"),
        (dicom([JPEG], syntax=JPEGLSLossless), "compressed as JPEG-LS Lossless .*, which is not read"),
        (dicom(RGB[None] >> 1, BitsStored=7, HighBit=6), "RGB with 7 bits"),
        (dicom(RGB[None]).replace(b"CS\4\0RGB ", b"CS\x28\x23RGB\n\0" + b"X" * 8995), "kind RGB X{15} with"),
        (dicom(RGB[None], syntax=DeflatedExplicitVRLittleEndian), "deflated data"),
        (
            dicom(RGB[None], syntax=DeflatedExplicitVRLittleEndian, FileMetaInformationVersion=bytes(4000)),
            "deflated data",
        ),
        (dicom([run_lengths([b"\x81\7"] * 2)], syntax=RLELossless), "pixels are not as it says"),
        (dicom([run_lengths([b"\x81\7"] * 3)], syntax=RLELossless), "a plane is too short"),
        (dicom([b"short"], syntax=RLELossless), "pixels are not as it says"),
    ],
)
def test_a_dicom_that_is_no_colour_photograph_is_refused_with_the_reason(data, reason):
    with pytest.raises(ImageError, match=reason) as caught:
        decode_image(data, name="upload 1")
    assert str(caught.value).startswith("upload 1 ")
    assert "\n" not in str(caught.value)
