"""DICOM and HEIC: files made here, read back as RGB, or refused with the reason."""

import sys
from concurrent.futures import ThreadPoolExecutor, wait
from io import BytesIO

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    SecondaryCaptureImageStorage,
)

from dermdistill.errors import ImageError
from dermdistill.imaging import MissingExtraError, UnsupportedFormatError, decode_image, read_image
from dermdistill.imaging.large import in_turn
from exif import with_orientation

RGB = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)


def smooth(height, width):
    y, x = np.mgrid[:height, :width]
    return np.stack([y * 255 // height, x * 255 // width, np.full_like(x, 90)], -1).astype(np.uint8)


def dicom(frames, kind="RGB", *, syntax=ExplicitVRLittleEndian, **changes):
    """A DICOM file: raw frames `[n, height, width(, 3)]`, or a list of JPEGs of 30 x 40."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    if "FileMetaInformationVersion" in changes:
        meta.FileMetaInformationVersion = changes.pop("FileMetaInformationVersion")
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    dataset.Rows, dataset.Columns = (30, 40) if isinstance(frames, list) else frames.shape[1:3]
    dataset.SamplesPerPixel = 3 if isinstance(frames, list) else int(np.prod(frames.shape[3:]))
    dataset.PhotometricInterpretation = kind
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation, dataset.NumberOfFrames = 7, 0, len(frames)
    if dataset.SamplesPerPixel == 3:
        dataset.PlanarConfiguration = 0
    dataset.PixelData = encapsulate(frames) if isinstance(frames, list) else frames.tobytes()
    for name, value in changes.items():
        setattr(dataset, name, value)
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def heic(rgb, **how):
    file = BytesIO()
    pillow_heif.from_pillow(Image.fromarray(rgb)).save(file, **how)
    return file.getvalue()


def test_rgb_dicom_gives_back_the_pixels(tmp_path):
    (tmp_path / "lesion.dcm").write_bytes(dicom(RGB[None]))
    np.testing.assert_array_equal(read_image(tmp_path / "lesion.dcm"), RGB)


def test_ybr_dicom_becomes_rgb():
    # DICOM's YBR_FULL is JPEG's full-range BT.601, OpenCV's YCrCb with its last two channels swapped.
    ybr = cv2.cvtColor(RGB, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]]
    np.testing.assert_allclose(decode_image(dicom(ybr[None], "YBR_FULL")).astype(int), RGB, atol=3)


def test_planes_one_after_the_other_are_put_together():
    planes = np.ascontiguousarray(RGB.transpose(2, 0, 1))
    data = dicom(RGB[None], PlanarConfiguration=1, PixelData=planes.tobytes())
    np.testing.assert_array_equal(decode_image(data), RGB)


def test_jpeg_inside_dicom_is_decoded_and_of_frames_the_first():
    rgb = smooth(30, 40)
    jpegs = [cv2.imencode(".jpg", image[..., ::-1])[1].tobytes() for image in (rgb, 255 - rgb)]
    data = dicom(jpegs, "YBR_FULL_422", syntax=JPEGBaseline8Bit)
    np.testing.assert_allclose(decode_image(data).astype(int), rgb, atol=8)
    np.testing.assert_array_equal(decode_image(dicom(np.stack([RGB, 255 - RGB]))), RGB)


def coded(image, kind="JPEG", **how):
    file = BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(file, kind, **{"quality": 98} if kind == "JPEG" else {"no_jp2": True}, **how)
    return file.getvalue()


def without_marker(jpeg):
    """A JPEG without its first segment, which says what its colours are."""
    return jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6]) :]


SMOOTH = smooth(30, 40)
JPEG = coded(SMOOTH)
ADOBE_YCBCR = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\1"  # Adobe's technical note 5116, section 18
# RGB kept as it is, in a JPEG that says nothing of it.
RGB_JPEG = without_marker(coded(Image.frombytes("YCbCr", (40, 30), SMOOTH.tobytes()), subsampling=0))


@pytest.mark.parametrize(
    ("jpeg", "kind"),
    [
        (JPEG, "YBR_FULL_422"),
        (JPEG, "RGB"),
        (without_marker(JPEG), "YBR_FULL_422"),
        (JPEG[:2] + ADOBE_YCBCR + without_marker(JPEG)[2:], "YBR_FULL_422"),
        (JPEG[:2] + ADOBE_YCBCR + without_marker(JPEG)[2:], "RGB"),
        (coded(SMOOTH, keep_rgb=True), "RGB"),
        (coded(SMOOTH, keep_rgb=True), "YBR_FULL_422"),
        (RGB_JPEG, "RGB"),
        (with_orientation(JPEG, 3), "YBR_FULL_422"),
    ],
)
def test_a_jpeg_inside_dicom_has_its_own_colours_and_is_not_turned(jpeg, kind):
    data = dicom([jpeg], kind, syntax=JPEGBaseline8Bit)
    np.testing.assert_allclose(decode_image(data).astype(int), SMOOTH, atol=8)


def test_colours_lie_side_by_side_where_they_must_whatever_the_file_says():
    for kind, syntax in (("YBR_FULL_422", JPEGBaseline8Bit), ("YBR_RCT", JPEG2000Lossless)):
        picture = coded(SMOOTH, "JPEG" if syntax == JPEGBaseline8Bit else "JPEG2000")
        data = dicom([picture], kind, syntax=syntax, PlanarConfiguration=1)
        np.testing.assert_allclose(decode_image(data).astype(int), SMOOTH, atol=8)
    # Two pixels in four bytes: their Y, then the Cb and Cr they share (PS3.3, C.7.6.3.1.2).
    y, cr, cb = np.moveaxis(cv2.cvtColor(SMOOTH, cv2.COLOR_RGB2YCrCb), -1, 0)
    pairs = np.stack([y[:, ::2], y[:, 1::2], cb[:, ::2], cr[:, ::2]], -1)
    data = dicom(RGB[None], "YBR_FULL_422", PlanarConfiguration=1, PixelData=pairs.tobytes())
    np.testing.assert_allclose(decode_image(data).astype(int), SMOOTH, atol=8)


def test_padding_is_nothing_to_warn_of():
    data = dicom(RGB[None], PixelData=RGB.tobytes() + bytes(4))
    np.testing.assert_array_equal(decode_image(data), RGB)


def test_a_large_picture_waits_for_the_other(monkeypatch):
    monkeypatch.setattr("dermdistill.imaging.large.LARGE_PIXELS", 30 * 40 - 1)
    with ThreadPoolExecutor(2) as pool:
        with in_turn(30, 40):
            decoded = [pool.submit(decode_image, data) for data in (dicom(RGB[None]), heic(RGB))]
            assert wait(decoded, timeout=1).not_done == set(decoded)
        assert [future.result(60).shape for future in decoded] == [(30, 40, 3)] * 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (dicom(RGB[None, ..., 0], "MONOCHROME2"), "kind MONOCHROME2 with 8 bits; give a colour photograph"),
        (dicom(RGB[None, ..., 0], "MONOCHROME1"), "kind MONOCHROME1"),
        (dicom(RGB[None], BitsAllocated=16, BitsStored=16, HighBit=15), "RGB with 16 bits"),
        (dicom(RGB[None], Rows=20_000, Columns=20_000), "more than the 100 megapixels"),
        (dicom(RGB[None])[:-500], "cannot be decoded"),
        (dicom(RGB[None])[:300], "is cut off or has no picture; give a colour photograph"),
        (dicom([JPEG], syntax=JPEGBaseline8Bit)[:-90], "is cut off or has no picture"),
        (dicom([b"no jpeg"], "YBR_FULL_422", syntax=JPEGBaseline8Bit), "the JPEG ends too early"),
        (dicom([JPEG[:-90]], "YBR_FULL_422", syntax=JPEGBaseline8Bit), "the JPEG ends too early"),
        (dicom([JPEG], "YBR_FULL_422", syntax=JPEG2000Lossless), "pixels are not as it says"),
        (dicom([b"\x89PNG\r\n\x1a\n" + JPEG[2:]], syntax=JPEGBaseline8Bit), "pixels are not as it says"),
        (dicom([coded(smooth(40, 30))], syntax=JPEGBaseline8Bit), "pixels are not as it says"),
        (dicom([coded(smooth(40, 30), "JPEG2000")], syntax=JPEG2000Lossless), "pixels are not as it says"),
        (dicom([JPEG[:2] + b"\xff\xda\0\x02" * 300], syntax=JPEGBaseline8Bit), "more than 200 scans"),
        (dicom([JPEG], syntax=JPEGLSLossless), "compressed as JPEG-LS Lossless .*, which is not read"),
        (dicom(RGB[None] >> 1, BitsStored=7, HighBit=6), "RGB with 7 bits"),
        (dicom(RGB[None]).replace(b"CS\4\0RGB ", b"CS\x28\x23RGB\n\0" + b"X" * 8995), "kind RGB X{15} with"),
        (dicom(RGB[None], syntax=DeflatedExplicitVRLittleEndian), "deflated data"),
        (
            dicom(RGB[None], syntax=DeflatedExplicitVRLittleEndian, FileMetaInformationVersion=bytes(4000)),
            "deflated data",
        ),
    ],
)
def test_a_dicom_that_is_no_colour_photograph_is_refused_with_the_reason(data, reason):
    with pytest.raises(ImageError, match=reason) as caught:
        decode_image(data, name="upload 1")
    assert str(caught.value).startswith("upload 1 ")
    assert "\n" not in str(caught.value)


def test_heic_gives_nearly_the_pixels_upright():
    rgb = smooth(60, 90)
    np.testing.assert_allclose(decode_image(heic(rgb, quality=95)).astype(int), rgb, atol=12)
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying; a viewer turns it clockwise
    turned = decode_image(heic(rgb, quality=95, exif=exif.tobytes()))
    np.testing.assert_allclose(turned.astype(int), np.rot90(rgb, -1), atol=12)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_heic_is_refused(share):
    data = heic(RGB)
    with pytest.raises(ImageError, match="upload 1 is a HEIC file that cannot be decoded") as caught:
        decode_image(data[: int(len(data) * share)], name="upload 1")
    assert "\n" not in str(caught.value)


def test_a_heic_that_lost_its_picture_is_refused():
    with pytest.raises(ImageError, match="HEIC file that cannot be decoded"):
        decode_image(heic(RGB).replace(b"hvcC", b"free"))


def test_grey_of_ten_bits_keeps_its_brightness():
    grey = smooth(60, 90)[..., 0]
    file = BytesIO()
    pillow_heif.from_bytes("I;16", (90, 60), (grey.astype("<u2") * 257).tobytes()).save(file, quality=95)
    np.testing.assert_allclose(decode_image(file.getvalue()).astype(int), np.dstack([grey] * 3), atol=4)


def test_any_brand_in_the_first_box_tells_heic_but_avif_is_none():
    data = heic(RGB)
    assert data[8:12] == b"heic"
    assert decode_image(data[:8] + b"miaf" + data[12:]).shape == (30, 40, 3)
    with pytest.raises(UnsupportedFormatError, match="an AVIF"):
        decode_image(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif" + bytes(50))


@pytest.mark.parametrize(
    ("data", "module", "extra"), [(dicom(RGB[None]), "pydicom", "dicom"), (heic(RGB), "pillow_heif", "heic")]
)
def test_what_is_missing_is_named(data, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'dermdistill\[{extra}\]'"):
        decode_image(data)
