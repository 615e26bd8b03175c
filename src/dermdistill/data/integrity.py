"""Whether an image file is whole: decoders fill what a truncated file lacks with grey and say nothing."""

from dermdistill.errors import ImageError

_JPEG, _START_OF_SCAN, _END_OF_IMAGE = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


def check_complete(data: bytes) -> None:
    """Check that a JPEG or PNG file's bytes reach the end of the image; other formats pass.

    Compressed JPEG data never contains a bare marker, so the file is whole when an end marker follows the
    last scan; the end marker of an embedded thumbnail comes before it. (ITU-T T.81, B.1.1.5)

    Raises:
        ImageError: the file is truncated.
    """
    if data.startswith(_JPEG):
        # The first test spares most files the search through all their bytes.
        whole = data.endswith(_END_OF_IMAGE) or data.rfind(_END_OF_IMAGE) > data.rfind(_START_OF_SCAN)
    elif data.startswith(_PNG):
        whole = _PNG_END in data[-64:]
    else:
        return
    if not whole:
        raise ImageError("The file is truncated; fetch it again.")
