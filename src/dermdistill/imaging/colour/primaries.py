"""Colour spaces that a file names by numbers instead of an embedded profile, as ICC profiles (ICC.1:2022)."""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError

# x and y of red, green, blue and white (ITU-T H.273, table 2).
REC_709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
_PRIMARIES = {
    4: (0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.310, 0.316),
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    6: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07, 0.3127, 0.3290),
    7: (0.63, 0.34, 0.31, 0.595, 0.155, 0.07, 0.3127, 0.3290),
    9: (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    11: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.314, 0.351),
    12: (0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.3290),
}
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}  # H.273, table 3; other curves of standard range are shown as sRGB's
_HDR = {16, 18}
SRGB_CURVE = 0.0
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


class HighDynamicRangeError(ImageError):
    """The picture's colours go beyond what 8 bits can show."""


def coded_profile(primaries: int, transfer: int) -> bytes | None:
    """Return the profile of H.273's code points, as HEIC (nclx) and PNG (cICP) name them; None for sRGB.

    Raises:
        HighDynamicRangeError: the transfer function is PQ or HLG.
    """
    if transfer in _HDR:
        raise HighDynamicRangeError
    curve = _GAMMAS.get(transfer, SRGB_CURVE)
    if primaries not in _PRIMARIES and curve == SRGB_CURVE:
        return None
    return matrix_profile(_PRIMARIES.get(primaries, REC_709), curve)


def matrix_profile(points: Sequence[float], gamma: float) -> bytes:
    """Make an ICC profile of version 4 from primaries and a curve.

    Args:
        points: x and y of red, green, blue and white.
        gamma: the exponent from stored value to light, or `SRGB_CURVE`.

    Raises:
        ValueError: these are no colours that can be shown.
    """
    if len(points) != 8 or min(points) < 0 or not min(points[1::2]) > 0 or not 0 <= gamma < 10:
        raise ValueError(f"no colour space: {points}, {gamma}")
    xyz = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in zip(points[::2], points[1::2], strict=True)])
    try:
        scale = np.linalg.solve(xyz[:3].T, xyz[3])
    except np.linalg.LinAlgError as error:
        raise ValueError(f"no colour space: {points}") from error
    cones = _BRADFORD @ _D50 / (_BRADFORD @ xyz[3])
    adapted = (xyz[:3] * scale[:, None]) @ (np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD).T
    if not np.isfinite(adapted).all() or np.abs(adapted).max() > 10:
        raise ValueError(f"no colour space: {points}")
    return _icc(adapted, gamma)


def _icc(colorants: NDArray[np.float64], gamma: float) -> bytes:
    text = "generated".encode("utf-16-be")
    words = b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(text), 28) + text
    words += bytes(-len(words) % 4)
    if gamma == SRGB_CURVE:  # IEC 61966-2-1, 5.2, as a parametric curve of type 3
        curve = struct.pack(
            ">4sIHH5i", b"para", 0, 3, 0, *_fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        )
    else:
        curve = struct.pack(">4sIHHi", b"para", 0, 0, 0, *_fixed(gamma))
    tags = {b"desc": words, b"cprt": words, b"wtpt": _xyz(_D50)}
    tags |= {kind: _xyz(row) for kind, row in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for kind, value in tags.items():
        table += struct.pack(">4sII", kind, start + len(body), len(value))
        body += value
    head = struct.pack(">I4sI4s4s4s", start + len(body), bytes(4), 0x04400000, b"mntr", b"RGB ", b"XYZ ")
    head += (
        struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + struct.pack(">3i", *_fixed(*_D50))
    )
    return head + bytes(128 - len(head)) + table + body


def _xyz(values: NDArray[np.float64]) -> bytes:
    return struct.pack(">4sI3i", b"XYZ ", 0, *_fixed(*values))


def _fixed(*values: float) -> list[int]:
    return [round(value * 65536) for value in values]
