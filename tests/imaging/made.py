"""Pictures in every format that is read, made here; and the parts that hostile ones are put together from."""

import struct
import zlib
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage


def smooth(height: int, width: int) -> NDArray[np.uint8]:
    """RGB that lossy coders keep well: red grows downwards, green to the right, blue along the diagonal."""
    y, x = np.mgrid[:height, :width]
    return np.stack([y * 255 // height, x * 255 // width, (x + y) * 255 // (height + width)], -1).astype(
        np.uint8
    )


def encode(rgb: NDArray[Any], suffix: str = ".jpg", *options: int) -> bytes:
    return bytes(cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), list(options))[1])


def coded(image: NDArray[Any] | Image.Image, kind: str, **how: Any) -> bytes:
    """What Pillow writes."""
    file = BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(file, kind, **how)
    return file.getvalue()


def exif(orientation: int, order: str = ">") -> bytes:
    """EXIF data that hold an orientation alone."""
    head = {">": b"MM\0*", "<": b"II*\0"}[order]
    return head + struct.pack(f"{order}IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def chunk(kind: bytes, body: bytes, *, length: int | None = None) -> bytes:
    """A PNG's chunk, which may lie about its length."""
    size = len(body) if length is None else length
    return struct.pack(">I", size) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes, size: tuple[int, int] = (32, 24), depth: int = 8, colour: int = 2) -> bytes:
    """A PNG of these chunks, with a header before and an end after them."""
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def png_with(data: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks before its picture."""
    return data[:33] + b"".join(chunks) + data[33:]


def interlaced_png(height: int, width: int) -> bytes:
    """A grey PNG in seven passes (PNG, 8.2), all of one value."""
    body = b""
    for left, top, across, down in (
        (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
    ):  # fmt: skip
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            body += (b"\0" + b"\x77" * columns) * rows
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    """A WebP of these chunks."""
    body = b"".join(
        struct.pack("<4sI", kind, len(data)) + data + bytes(len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def vp8x(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes([flags, 0, 0, 0]) + sides


def tiff(tags: dict[int, tuple[str, list[int]]], body: bytes = b"") -> bytes:
    """A little-endian TIFF: its body at byte 8, then tags, each with a type's letter and numbers."""
    kinds = {"H": 3, "I": 4, "Q": 16, "B": 7}
    body += bytes(len(body) % 2)
    start = 8 + len(body)
    place, table, values = start + 2 + 12 * len(tags) + 4, b"", b""
    for tag, (letter, numbers) in sorted(tags.items()):
        packed = struct.pack(f"<{len(numbers)}{letter}", *numbers)
        table += struct.pack("<HHI", tag, kinds[letter], len(numbers))
        if len(packed) > 4:
            table += struct.pack("<I", place + len(values))
            values += packed + bytes(len(packed) % 2)
        else:
            table += packed.ljust(4, b"\0")
    return (
        b"II*\0" + struct.pack("<I", start) + body + struct.pack("<H", len(tags)) + table + bytes(4) + values
    )


def dicom(
    frames: NDArray[Any] | list[bytes],
    kind: str = "RGB",
    *,
    syntax: str = ExplicitVRLittleEndian,
    size: tuple[int, int] = (30, 40),
    **changes: Any,
) -> bytes:
    """A DICOM file: raw frames `[n, height, width(, 3)]`, or compressed ones of `size`, height first."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    if "FileMetaInformationVersion" in changes:
        meta.FileMetaInformationVersion = changes.pop("FileMetaInformationVersion")
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID, dataset.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    dataset.Rows, dataset.Columns = size if isinstance(frames, list) else frames.shape[1:3]
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


def run_lengths(planes: list[bytes]) -> bytes:
    """A DICOM frame of planes that are PackBits already (PS3.5, annex G)."""
    planes = [plane + bytes(len(plane) % 2) for plane in planes]
    starts = [64 + sum(map(len, planes[:number])) for number in range(len(planes))]
    return struct.pack("<16I", len(planes), *starts, *[0] * (15 - len(planes))) + b"".join(planes)


def packed(plane: NDArray[np.uint8]) -> bytes:
    """PackBits without runs, a row after the other."""
    parts = []
    for row in plane:
        for start in range(0, len(row), 128):
            piece = row[start : start + 128].tobytes()
            parts.append(bytes([len(piece) - 1]) + piece)
    return b"".join(parts)


def heic(rgb: NDArray[Any], **how: Any) -> bytes:
    file = BytesIO()
    pillow_heif.from_pillow(Image.fromarray(rgb)).save(file, **how)
    return file.getvalue()


def lossless_jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """A lossless JPEG (T.81, annex H): predictor 1, and a Huffman table whose codes all have four bits."""
    height, width, channels = pixels.shape
    frame = struct.pack(">BHHB", 8, height, width, channels)
    frame += b"".join(bytes([number + 1, 0x11, 0]) for number in range(channels))
    table = bytes([0, 0, 0, 0, 9, *[0] * 12, *range(9)])  # code n of four bits: a difference of n bits
    scan = (
        bytes([channels]) + b"".join(bytes([number + 1, 0]) for number in range(channels)) + bytes([1, 0, 0])
    )
    values = pixels.astype(int)
    before = np.empty_like(values)
    before[:, 1:] = values[:, :-1]
    before[1:, 0] = values[:-1, 0]
    before[0, 0] = 128
    bits = []
    for difference in (values - before).reshape(-1):
        size = int(abs(difference)).bit_length()
        bits.append(f"{size:04b}")
        if size:
            bits.append(f"{difference if difference > 0 else difference + (1 << size) - 1:0{size}b}")
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    coded = int(stream, 2).to_bytes(len(stream) // 8).replace(b"\xff", b"\xff\0")

    def segment(marker: int, body: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body

    return (
        b"\xff\xd8" + segment(0xC4, table) + segment(0xC3, frame) + segment(0xDA, scan) + coded + b"\xff\xd9"
    )
