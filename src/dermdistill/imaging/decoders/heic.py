"""HEIC photographs, as phones take them, by pillow-heif (libheif and libde265; the extra `heic`)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.imaging.colour.primaries import HighDynamicRangeError, coded_profile
from dermdistill.imaging.decoders.flatten import flatten
from dermdistill.imaging.limits import MissingExtraError, UnsupportedFormatError, check_size, is_large
from dermdistill.imaging.still import Still

_SLACK_PIXELS = 4_000_000


def decode_heic(still: Still, *, name: str) -> NDArray[np.uint8]:
    """Decode a HEIC file's main picture to sRGB uint8 `[height, width, 3]`, upright.

    It comes out at half its size if it has more than 25 megapixels. libheif turns it as the file says. An
    EXIF orientation is a copy of that and is ignored (ISO/IEC 23008-12, A.2.1).

    Raises:
        MissingExtraError: pillow-heif is not installed.
        UnsupportedFormatError: its range of brightness is high (PQ, HLG).
        ImageError: the file is cut off or damaged.
    """
    try:
        import pillow_heif  # noqa: PLC0415 - optional
    except ImportError as error:
        raise MissingExtraError(
            f"{name} is a HEIC file, and pillow-heif is not installed; run: pip install 'dermdistill[heic]'."
        ) from error
    try:
        heif = pillow_heif.open_heif(still.data, convert_hdr_to_8bit=True)
        _check(heif, name)
        profile = _profile(heif.info)
        pixels = np.asarray(heif)
        width, height = pixels.shape[1], pixels.shape[0]
        return flatten(
            (width, height),
            lambda rows: _strip(pixels[rows], heif.mode),
            profile=profile,
            halved=is_large(width, height),
        )
    except ImageError as error:
        if isinstance(error, HighDynamicRangeError):
            raise UnsupportedFormatError(
                f"{name} is a HEIC of high dynamic range, which is not read; export it as JPEG."
            ) from error
        raise
    except Exception as error:  # a damaged file brings up more than pillow-heif says
        reason = " ".join(str(error).split())[:200]
        raise ImageError(
            f"{name} is a HEIC file that cannot be decoded ({reason}); copy it again."
        ) from error


def _check(heif: Any, name: str) -> None:
    """Check what libheif says before it decodes: the size, and the work that a grid of tiles makes."""
    if len(heif) == 0:
        raise ImageError(f"{name} is a HEIC without a picture in it; take or export it again.")
    width, height = heif.size
    check_size(width, height, name)
    tiling = heif.info.get("tiling")
    if tiling:
        canvas = tiling["image_width"] * tiling["image_height"]
        check_size(tiling["image_width"], tiling["image_height"], name)
        tiles = tiling["num_columns"] * tiling["num_rows"] * tiling["tile_width"] * tiling["tile_height"]
        if tiles > 2 * canvas + _SLACK_PIXELS:
            raise ImageError(f"{name} is a HEIC of more tiles than its picture needs; export it again.")


def _profile(info: dict[str, Any]) -> bytes | None:
    if info.get("icc_profile"):
        return bytes(info["icc_profile"])
    coded = info.get("nclx_profile")
    return coded_profile(coded["color_primaries"], coded["transfer_characteristics"]) if coded else None


def _strip(pixels: NDArray[Any], mode: str) -> Image.Image:
    if pixels.dtype != np.uint8:  # grey of more than 8 bits, brought to 16
        pixels = (pixels >> 8).astype(np.uint8)
    if mode == "RGBa":  # premultiplied
        return Image.frombuffer(mode, pixels.shape[1::-1], np.ascontiguousarray(pixels), "raw", mode, 0, 1)
    return Image.fromarray(pixels)
