"""Small files that made decoders take gigabytes, hang or die, one of each kind; all made here."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pillow_heif
from PIL import Image
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from .made import chunk, coded, dicom, heic, png, png_with, riff, run_lengths, smooth, tiff, vp8x

SMOOTH = smooth(24, 32)
PNG = coded(SMOOTH, "PNG")
FAST = {"preset": "ultrafast"}


def animated_png() -> bytes:
    """Frames that are larger than they say, after an empty picture."""
    control = struct.pack(">IIIIIHHBB", 1, 24, 24, 4, 0, 1, 20, 1, 1)
    return png(
        chunk(b"acTL", struct.pack(">II", 3, 0)),
        chunk(b"IDAT", b""),
        chunk(b"fcTL", control),
        chunk(b"fdAT", b""),
    )


def animated_png_of_many_frames() -> bytes:
    control = b"".join(
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", 2 * n, 10_000, 9_000, 0, 0, 1, 20, 0, 0))
        + chunk(b"fdAT", struct.pack(">I", 2 * n + 1) + zlib.compress(bytes(100)))
        for n in range(200)
    )
    data = zlib.compress(bytes(9_000 * 30_001), 9)
    return png(
        chunk(b"acTL", struct.pack(">II", 200, 0)), chunk(b"IDAT", data), control, size=(10_000, 9_000)
    )


def bomb(bytes_inside: int) -> bytes:
    deflate = zlib.compressobj(9)
    piece = bytes(1_000_000)
    return b"".join(deflate.compress(piece) for _ in range(bytes_inside // len(piece))) + deflate.flush()


def tiff_of(width: int, height: int, letter: str = "I", **changes: tuple[str, list[int]]) -> bytes:
    tags: dict[int, tuple[str, list[int]]] = {
        256: (letter, [width]),
        257: (letter, [height]),
        258: ("H", [8, 8, 8]),
        259: ("H", [8]),
        262: ("H", [2]),
        273: ("I", [8]),
        277: ("H", [3]),
        278: ("I", [height]),
        279: ("I", [200]),
    }
    tags |= {int(tag[1:]): value for tag, value in changes.items()}
    return tiff(tags, bytes(200))


def tiles(side: int) -> dict[str, tuple[str, list[int]]]:
    return {"t322": ("I", [side]), "t323": ("I", [side]), "t324": ("I", [8]), "t325": ("I", [200])}


def tiff_of_shared_parts(kind: int, side: int, part: bytes, tile: int = 16) -> bytes:
    """Tiles that are all the same bytes."""
    count = (-(-side // tile)) ** 2
    places = {"t324": ("I", [8] * count), "t325": ("I", [len(part)] * count)}
    tags: dict[int, tuple[str, list[int]]] = {
        256: ("H", [side]),
        257: ("H", [side]),
        258: ("H", [8, 8, 8]),
        259: ("H", [kind]),
        262: ("H", [6 if kind == 7 else 2]),
        277: ("H", [3]),
        322: ("H", [tile]),
        323: ("H", [tile]),
    }
    return tiff(tags | {int(tag[1:]): value for tag, value in places.items()}, part)


def flat_j2k(height: int, width: int, **how: object) -> bytes:
    return coded(np.full((height, width, 3), (200, 120, 90), np.uint8), "JPEG2000", no_jp2=True, **how)


def dicom_of_j2k(height: int, width: int, **how: object) -> bytes:
    return dicom([flat_j2k(height, width, **how)], "YBR_RCT", syntax=JPEG2000Lossless, size=(height, width))


def j2k_with_layers(layers: int) -> bytes:
    """As many layers as there can be, in precincts of a pixel."""
    stream = bytearray(flat_j2k(1024, 1024))
    at = stream.find(b"\xff\x52")
    stream[at + 6 : at + 8] = layers.to_bytes(2)
    return dicom([bytes(stream)], "YBR_RCT", syntax=JPEG2000Lossless, size=(1024, 1024))


def j2k_without_wavelets() -> bytes:
    """One that says that it has more pixels than it has."""
    stream = flat_j2k(64, 64, num_resolutions=1)
    stream = stream.replace(struct.pack(">II", 64, 64), struct.pack(">II", 5_000, 5_200))
    return dicom([stream], "YBR_RCT", syntax=JPEG2000Lossless, size=(5_200, 5_000))


def rle(height: int, width: int) -> bytes:
    plane = b"\x81\x80" * (height * width // 128 + 1)
    return dicom([run_lengths([plane] * 3)], syntax=RLELossless, size=(height, width))


def noisy_rle(height: int, width: int) -> bytes:
    plane = b"\xff\x80" * (height * width // 2)
    return dicom([run_lengths([plane] * 3)], syntax=RLELossless, size=(height, width))


def dicom_of_many_parts() -> bytes:
    element = struct.pack("<HH2sH", 9, 0x1000, b"LO", 0)
    data = dicom(SMOOTH[None])
    at = data.find(struct.pack("<HH", 0x28, 2))
    return data[:at] + element * 3_000_000 + data[at:]


def dicom_of_many_fragments() -> bytes:
    jpeg = coded(SMOOTH, "JPEG")
    data = dicom([jpeg], "YBR_FULL_422", syntax=JPEGBaseline8Bit, size=(24, 32))
    at = data.rfind(struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))
    return data[:at] + struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 5_000_000 + data[at:]


def dicom_of_many_items() -> bytes:
    data = dicom(SMOOTH[None])
    at = data.find(struct.pack("<HH", 0x28, 2))
    start = struct.pack("<HH2sHI", 0x8, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    items = struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 490_000
    return data[:at] + start + items + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0) + data[at:]


def nested_dicom() -> bytes:
    data = dicom(SMOOTH[None])
    at = data.find(struct.pack("<HH", 0x28, 2))
    item = struct.pack("<HH2sHI", 0x8, 0x1140, b"SQ", 0, 0xFFFFFFFF) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    return data[:at] + item * 100_000 + data[at:]


def jpeg_of_scans(height: int, width: int, scans: int, channels: int = 3) -> bytes:
    """A progressive JPEG with the same refinement again and again, over all of a large picture."""
    mode = "CMYK" if channels == 4 else "RGB"
    jpeg = coded(Image.new(mode, (width, height), 128), "JPEG", progressive=True, subsampling=0, quality=30)
    last = jpeg.rfind(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * scans + jpeg[-2:]


def heic_saying(width: int, height: int) -> bytes:
    data = heic(smooth(64, 64))
    said = b"ispe\0\0\0\0"
    assert data.count(said + struct.pack(">II", 64, 64)) == 1
    return data.replace(said + struct.pack(">II", 64, 64), said + struct.pack(">II", width, height))


def heic_grid() -> bytes:
    """A grid whose tiles are all the same large one, for a picture of a few pixels."""
    file, tile = BytesIO(), smooth(2560, 2560)
    pillow_heif.from_pillow(Image.fromarray(tile)).save(file, quality=30, tile_size=512, enc_params=FAST)
    data = file.getvalue()
    at = data.find(bytes([0, 0, 4, 4]) + struct.pack(">HH", 2560, 2560))
    data = data[: at + 4] + struct.pack(">HH", 8, 8) + data[at + 8 :]
    return data.replace(struct.pack(">II", 2560, 2560), struct.pack(">II", 8, 8))


def flat(height: int, width: int, kind: str, **how: object) -> bytes:
    return coded(Image.new("RGB", (width, height), (200, 120, 90)), kind, **how)


def large_heic(height: int, width: int) -> bytes:
    return heic(np.full((height, width, 3), 128, np.uint8), quality=10, enc_params=FAST)


def bmp_of_runs(height: int, width: int, body: bytes = b"") -> bytes:
    """Run lengths of one pixel each, or others."""
    body = body or (b"\1\5" * width + b"\0\0") * height
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(body), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 1078 + len(body), 0, 0, 1078) + head + bytes(1024) + body


HOSTILE: dict[str, Callable[[], bytes]] = {
    "png, animated": animated_png,
    "png, animated, many frames": animated_png_of_many_frames,
    "png, a chunk that claims 4 GB": lambda: PNG[:33] + b"\xff\xff\xff\xe4IDATIEND",
    "png, text of 300 MB": lambda: png_with(PNG, chunk(b"zTXt", b"a\0\0" + bomb(300_000_000))),
    "png, profile of 300 MB": lambda: png_with(PNG, chunk(b"iCCP", b"a\0\0" + bomb(300_000_000))),
    "png, 100 MP of 16 bits in no bytes": lambda: png(
        chunk(b"IDAT", zlib.compress(b"")), size=(10_000, 10_000), depth=16, colour=6
    ),
    "png, a column of 100 MP": lambda: png(
        chunk(b"IDAT", bomb(100_000_000)), size=(1, 100_000_000), colour=0
    ),
    "png, 100 MP": lambda: png(chunk(b"IDAT", bomb(301_000_000)), size=(10_000, 10_000)),
    "png, a directory of EXIF without end": lambda: png_with(
        PNG, chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff" + b"\1\x12\0\7\x7f\0\0\0\0\0\0\0" * 65_535)
    ),
    "tiff, LONG8 of 400 MP": lambda: tiff_of(20_000, 20_000, "Q"),
    "tiff, one strip of 100 MP": lambda: tiff_of(10_000, 10_000),
    "tiff, a tile of 2 GB": lambda: tiff_of(64, 64, **tiles(27_000)),
    "tiff, 10,000,000 strips": lambda: tiff_of(
        1,
        10_000_000,
        t259=("H", [1]),
        t278=("I", [1]),
        t273=("I", [8] * 10_000_000),
        t279=("I", [3] * 10_000_000),
    ),
    "tiff, 64 samples a pixel": lambda: tiff_of(8_000, 8_000, t277=("H", [64]), t258=("H", [8] * 64)),
    "tiff, 500,000,000 samples a pixel": lambda: tiff_of(64, 64, t277=("I", [500_000_000]), t258=("H", [8])),
    "tiff, 60,000 rows a strip each": lambda: tiff_of(
        1_600, 60_000, t259=("H", [1]), t278=("I", [1]), t273=("I", [8] * 60_000), t279=("I", [200] * 60_000)
    ),
    "tiff, 62,500 tiles that are all the file": lambda: tiff_of_shared_parts(
        32_773, 4_000, bytes(10_000_000)
    ),
    "tiff, 62,500 JPEGs that are all the file": lambda: tiff_of_shared_parts(
        7, 4_000, coded(smooth(16, 16), "JPEG")[:-2] + b"\xff" * 10_000_000 + b"\xff\xd9"
    ),
    "tiff, 65,025 JPEGs that are the same": lambda: tiff_of_shared_parts(
        7, 4_080, coded(smooth(16, 16), "JPEG")
    ),
    "tiff, 100 JPEGs of 150 scans": lambda: tiff_of_shared_parts(
        7, 6_000, jpeg_of_scans(600, 600, 150), tile=600
    ),
    "webp, animated on 100 MP": lambda: riff(
        vp8x(10_000, 10_000, 2),
        (b"ANIM", bytes(6)),
        (b"ANMF", bytes(16) + flat(8, 8, "WEBP", lossless=True)[12:]),
    ),
    "webp, 100 MP": lambda: flat(10_000, 10_000, "WEBP", quality=1, method=0),
    "webp, 64 MP without loss": lambda: flat(8_000, 8_000, "WEBP", lossless=True, method=0, quality=0),
    "bmp, 100 MP of run lengths": lambda: bmp_of_runs(4_000, 4_000),
    "bmp, steps that lead nowhere": lambda: bmp_of_runs(1_000, 1_000, b"\0\2\0\0" * 10_000_000),
    "bmp, ends of lines without end": lambda: bmp_of_runs(1_000, 1_000, b"\0\0" * 20_000_000),
    "bmp, runs of no pixels": lambda: bmp_of_runs(1_000, 1_000, b"\0\5" * 20_000_000),
    "bmp, 1 MP of run lengths": lambda: bmp_of_runs(1_000, 1_000),
    "bmp, 100 MP in 60 bytes": lambda: (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 10_000, 10_000, 1, 24, 0, 0, 0, 0, 0, 0)
    ),
    "jpeg, 150 scans of 12 MP": lambda: jpeg_of_scans(3_000, 4_000, 150),
    "jpeg, progressive, 95 MP, 4:4:4": lambda: jpeg_of_scans(9_500, 10_000, 1),
    "jpeg, progressive CMYK, 60 MP": lambda: jpeg_of_scans(6_000, 10_000, 1, 4),
    "jpeg, CMYK, 100 MP": lambda: coded(Image.new("CMYK", (10_000, 10_000)), "JPEG", quality=10),
    "jpeg, 100 MP": lambda: flat(10_000, 10_000, "JPEG", quality=10),
    "dicom, run lengths of 100 MP": lambda: rle(10_000, 10_000),
    "dicom, 24 MP in runs of two": lambda: noisy_rle(4_000, 6_000),
    "dicom, JPEG 2000 of 26 MP": lambda: dicom_of_j2k(5_200, 5_000),
    "dicom, JPEG 2000 of 26 MP without wavelets": j2k_without_wavelets,
    "dicom, JPEG 2000 of 25 MP": lambda: dicom_of_j2k(5_000, 5_000),
    "dicom, JPEG 2000 in 65,535 layers": lambda: j2k_with_layers(65_535),
    "dicom, JPEG 2000 in tiles of 16": lambda: dicom_of_j2k(4_000, 4_000, tile_size=(16, 16)),
    "dicom, 3,000,000 elements": dicom_of_many_parts,
    "dicom, 5,000,000 fragments": dicom_of_many_fragments,
    "dicom, 490,000 items of a sequence": dicom_of_many_items,
    "dicom, 100,000 sequences in each other": nested_dicom,
    "dicom, uncompressed YBR of 33 MP": lambda: dicom(
        np.full((1, 5_500, 6_000, 3), 90, np.uint8), "YBR_FULL"
    ),
    "heic, says 100 MP": lambda: heic_saying(10_000, 10_000),
    "heic, says 4 pixels": lambda: heic_saying(2, 2),
    "heic, a grid of more than it shows": heic_grid,
    "heic, 26 MP": lambda: large_heic(5_200, 5_000),
}
