"""Small pictures of every format and of many kinds each, made here: what mutations start from."""

import struct
from io import BytesIO

import cv2
import numpy as np
import pillow_heif
import tifffile
from PIL import Image
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    RLELossless,
)

from dermdistill.imaging.colour.primaries import matrix_profile
from imaging.hostile import HOSTILE, bmp_of_runs, jpeg_of_scans
from imaging.made import (
    chunk,
    coded,
    dicom,
    exif,
    heic,
    interlaced_png,
    lossless_jpeg,
    packed,
    png_with,
    riff,
    run_lengths,
    smooth,
    vp8x,
)

RGB = smooth(24, 32)
NOISE = np.random.default_rng(7).integers(0, 256, (17, 23, 3), np.uint8)
RGBA = np.dstack([RGB, RGB[..., 0]])
P3 = matrix_profile((0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.3290), 0.0)
# Hostile files that are small and quickly made.
_HOSTILE = {
    "BMP": ["bmp, 100 MP in 60 bytes"],
    "HEIC": ["heic, says 100 MP", "heic, says 4 pixels"],
    "PNG": ["png, animated", "png, a chunk that claims 4 GB"],
    "TIFF": ["tiff, LONG8 of 400 MP", "tiff, a tile of 2 GB"],
    "WebP": ["webp, animated on 100 MP"],
}


def corpus(kind: str) -> list[bytes]:
    """Return the seeds of a format; small hostile files are among them."""
    make = {
        "any": _any,
        "BMP": _bmp,
        "DICOM": _dicom,
        "HEIC": _heic,
        "JPEG": _jpeg,
        "PNG": _png,
        "TIFF": _tiff,
        "WebP": _webp,
    }[kind]
    return [*make(), *(HOSTILE[name]() for name in _HOSTILE.get(kind, ()))]


def _any() -> list[bytes]:
    """Formats to cut and to join, and what is none: other pictures, texts, names of formats alone."""
    kinds = (_bmp, _dicom, _heic, _jpeg, _png, _tiff, _webp)
    others = [coded(RGB, kind) for kind in ("GIF", "AVIF", "PPM", "ICO", "PDF", "JPEG2000", "TGA")]
    starts = [
        b"BM",
        b"II*\0",
        b"MM\0*",
        b"RIFF    WEBP",
        b"\xff\xd8\xff",
        b"\2\0\0\0UL\4\0",
        b"\x08\0\x08\0CS",
    ]
    starts += [b"\0\0\0\x1cftypheic", bytes(128) + b"DICM", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"<svg/>"]
    return [*(seed for make in kinds for seed in make()), *others, *(start + bytes(200) for start in starts)]


def _image(mode: str) -> Image.Image:
    return Image.fromarray(RGB).convert(mode)


def _bmp() -> list[bytes]:
    seeds = [coded(_image(mode), "BMP") for mode in ("1", "L", "P", "RGB")]
    old = struct.pack("<HIHHIIHHHH", 0x4D42, 26 + 8 * 6, 0, 0, 26, 12, 2, 6, 1, 24) + bytes(48)
    return [*seeds, cv2.imencode(".bmp", RGBA)[1].tobytes(), bmp_of_runs(24, 32), old]


def _jpeg() -> list[bytes]:
    how = [{}, {"progressive": True}, {"subsampling": 0}, {"keep_rgb": True}, {"restart_marker_blocks": 2}]
    seeds = [coded(NOISE, "JPEG", **each) for each in how]
    seeds += [coded(_image(mode), "JPEG") for mode in ("L", "CMYK")]
    seeds += [coded(_image("CMYK"), "JPEG", progressive=True), jpeg_of_scans(24, 32, 30)]
    return [*seeds, lossless_jpeg(NOISE), coded(RGB, "JPEG", exif=b"Exif\0\0" + exif(6), icc_profile=P3)]


def _png() -> list[bytes]:
    seeds = [coded(_image(mode), "PNG") for mode in ("1", "L", "P", "RGB", "RGBA", "LA")]
    seeds += [cv2.imencode(".png", NOISE.astype(np.uint16) * 257)[1].tobytes()]
    seeds += [coded(_image("L"), "PNG", transparency=3), coded(RGB, "PNG", icc_profile=P3)]
    extra = [chunk(b"gAMA", b"\0\0\xb1\x8f"), chunk(b"cHRM", bytes(range(32))), chunk(b"cICP", b"\x0c\r\0\1")]
    file = BytesIO()
    frames = [_image("RGB"), Image.fromarray(255 - RGB)]
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:], default_image=True)
    return [
        *seeds,
        file.getvalue(),
        interlaced_png(24, 32),
        png_with(seeds[3], *extra, chunk(b"eXIf", exif(3))),
    ]


def _webp() -> list[bytes]:
    seeds = [coded(RGB, "WEBP", quality=50), coded(NOISE, "WEBP", lossless=True), coded(RGBA, "WEBP")]
    frames = [Image.fromarray(pixels) for pixels in (RGB, 255 - RGB)]
    file = BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    still = coded(RGB, "WEBP", lossless=True)
    parts = (b"ICCP", P3), (still[12:16], still[20:]), (b"EXIF", b"Exif\0\0" + exif(6))
    moving = BytesIO()  # not lossless, transparent, of one frame
    Image.fromarray(RGBA).save(
        moving, "WEBP", save_all=True, append_images=[Image.fromarray(RGBA)], exif=exif(8)
    )
    return [*seeds, file.getvalue(), moving.getvalue(), riff(vp8x(32, 24, 0x28), *parts)]


def _tiff() -> list[bytes]:
    names = ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "zstd", "lzma")
    seeds = [coded(RGB, "TIFF", compression=name) for name in names]
    seeds += [coded(_image("1"), "TIFF", compression=name) for name in ("group3", "group4", "tiff_ccitt")]
    pages = BytesIO()
    _image("RGB").save(pages, "TIFF", save_all=True, append_images=[_image("L")], compression="tiff_lzw")
    seeds.append(pages.getvalue())
    seeds += [coded(_image(mode), "TIFF") for mode in ("1", "L", "P", "RGBA", "CMYK")]
    layouts = [
        {"tile": (16, 16)},
        {"tile": (16, 16), "compression": "deflate", "predictor": True},
        {"rowsperstrip": 3, "byteorder": ">"},
        {"planarconfig": "separate"},
        {"bigtiff": True},
        {"extratags": [(274, "H", 1, 6, True), (34675, "B", len(P3), P3, True)]},
    ]
    for how in layouts:
        file = BytesIO()
        pixels = np.moveaxis(RGB, -1, 0) if "planarconfig" in how else RGB
        tifffile.imwrite(file, np.ascontiguousarray(pixels), photometric="rgb", **how)
        seeds.append(file.getvalue())
    return seeds


def _heic() -> list[bytes]:
    tiles = smooth(128, 192)
    seeds = [heic(RGB, quality=30), heic(RGBA, quality=30), heic(RGB, quality=30, exif=exif(6))]
    several = pillow_heif.from_pillow(Image.fromarray(RGB))
    several.add_from_pillow(Image.fromarray(255 - RGB))
    file = BytesIO()
    several.save(file, quality=30)
    return [*seeds, heic(tiles, quality=10, tile_size=64), heic(RGB[..., 0], quality=30), file.getvalue()]


def _dicom() -> list[bytes]:
    size = NOISE.shape[:2]
    planes = run_lengths([packed(plane) for plane in np.moveaxis(NOISE, -1, 0)])
    j2k = [coded(NOISE, "JPEG2000", no_jp2=True, mct=mct) for mct in (0, 1)]
    tiled = coded(NOISE, "JPEG2000", no_jp2=True, tile_size=(16, 16), irreversible=True)
    jpeg = coded(NOISE, "JPEG")
    whole = dicom(NOISE[None])
    return [
        whole,
        whole[132:],
        dicom(NOISE[None], "YBR_FULL", syntax=ImplicitVRLittleEndian),
        dicom(np.stack([NOISE, NOISE]), PlanarConfiguration=1, ICCProfile=P3),
        dicom(NOISE[None], syntax=DeflatedExplicitVRLittleEndian),
        dicom(NOISE[None], syntax=ExplicitVRBigEndian),
        dicom(NOISE[None, ..., 0], "MONOCHROME2"),
        dicom([planes], syntax=RLELossless, size=size),
        dicom([jpeg, jpeg], "YBR_FULL_422", syntax=JPEGBaseline8Bit, size=size),
        dicom([lossless_jpeg(NOISE)], syntax=JPEGLosslessSV1, size=size),
        *(dicom([stream], "YBR_RCT", syntax=JPEG2000Lossless, size=size) for stream in j2k),
        dicom([tiled], "YBR_ICT", syntax=JPEG2000, size=size),
    ]
