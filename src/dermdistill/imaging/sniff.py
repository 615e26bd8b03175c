"""Tell what a file is by its first bytes."""

_STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
}
_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})
# A DICOM data set that lacks the preamble begins with an element of group 2 or 8 and its value's type (PS3.5,
# 7.1). An element of group 8 may have a length below 65,536 instead of the type.
_BARE_DICOM = (b"\2\0", b"\x08\0")


def sniff(data: bytes) -> str | None:
    """Return the name of the format, or None if it is none that is read."""
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    if data[128:132] == b"DICM" or _is_bare_dicom(data):
        return "DICOM"
    return "HEIC" if _is_heic(data) else None


def guess(data: bytes) -> str:
    """Name what people most often give instead of a supported image."""
    if data[4:8] == b"ftyp":
        return "an AVIF or video file, which cannot be read"
    if data.startswith(b"%PDF"):
        return "a PDF document"
    if data.startswith((b"II+\0", b"MM\0+")):
        return "a BigTIFF, which cannot be read"
    if data.startswith(b"GIF8"):
        return "a GIF, which cannot be read"
    return "not an image file"


def _is_bare_dicom(data: bytes) -> bool:
    if not data.startswith(_BARE_DICOM):
        return False
    return data[4:6] in {b"UL", b"UI", b"OB", b"CS", b"SH"} or (data[:1] == b"\x08" and data[6:8] == b"\0\0")


def _is_heic(data: bytes) -> bool:
    """Tell a HEIC file by its first box's brands (ISO/IEC 23008-12, 10.2); AVIF and videos have others."""
    if data[4:8] != b"ftyp":
        return False
    end = min(int.from_bytes(data[:4]), 1000)
    brands = {data[at : at + 4] for at in range(8, end, 4)}
    return bool(brands & _BRANDS) and b"avif" not in brands
