"""EXIF orientation written by hand, as cameras write it."""

import struct


def with_orientation(jpeg: bytes, value: int) -> bytes:
    """Put an EXIF segment with orientation 1-8 before a JPEG's picture."""
    tiff = (
        b"MM\0*\0\0\0\x08" + struct.pack(">H", 1) + struct.pack(">HHIHH", 0x0112, 3, 1, value, 0) + bytes(4)
    )
    segment = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + jpeg[2:]
