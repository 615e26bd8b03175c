"""Hair over the lesion: dark lines that run straight for long.

At each of eight angles `a = k * pi / 8`, on the grey 224 x 224 picture (rows y down, columns x right), with
the numbers of constants.json:

1. A pixel is *on a line* when it is darker by more than 14 than both pixels 4 to either side across the
   angle. Their offsets are `(dy, dx) = (round(4 cos a), round(-4 sin a))` and its opposite; outside the
   picture the nearest edge pixel counts. Lines wobble, so a pixel whose upper, left or upper left neighbour
   is on a line is on it, too.
2. A pixel on a line is *hair* when at least 14 of the 18 pixels `(round(t sin a), round(t cos a))` from it,
   t = -17, -15 .. 17, are on a line; pixels outside the picture are not.

`round` is half up, after rounding to nine decimals. A pigment network's lines are as dark but soon turn.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.constants import CONSTANTS

_NUMBERS = CONSTANTS["hair"]
_ACROSS: int = _NUMBERS["across_pixels"]
_DARKER: int = _NUMBERS["darker_by_grey"]
_REACH: int = _NUMBERS["reach_pixels"]
_NEEDED: int = _NUMBERS["least_steps_on_line"]
_STEPS = np.arange(-_REACH, _REACH + 1, _NUMBERS["step_pixels"])


def _half_up(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.floor(np.round(values, 9) + 0.5).astype(np.int64)


_ANGLES = np.arange(_NUMBERS["angles_in_half_turn"]) * np.pi / _NUMBERS["angles_in_half_turn"]
# (dy, dx) `[angle, 2]`, and `[angle, step, 2]`.
_ACROSS_OFFSETS = _half_up(_ACROSS * np.stack([np.cos(_ANGLES), -np.sin(_ANGLES)], axis=1))
_ALONG_OFFSETS = _half_up(
    _STEPS[None, :, None] * np.stack([np.sin(_ANGLES), np.cos(_ANGLES)], axis=1)[:, None]
)
_SQUARE = np.ones((2, 2), np.uint8)


def hair_over(grey: NDArray[np.uint8], region: NDArray[np.bool_]) -> float:
    """Return the share of a region that hair covers, 0-1; 0 of an empty region.

    Args:
        grey: uint8 `[size, size]`.
        region: which part of it, a grid `[side, side]` of square cells; see `lesion_region`.
    """
    if not region.any():
        return 0.0
    cells = region.view(np.uint8)
    inside = np.asarray(cv2.resize(cells, grey.shape[:2], interpolation=cv2.INTER_NEAREST), np.uint8)
    near = _near(inside)
    inside, grey = inside[near], grey[near]
    # OpenCV's borders and flat indices: numpy's pads and masks cost more here than the arithmetic does.
    darker = np.maximum(grey, _DARKER) - np.uint8(_DARKER)
    limit = _framed(darker, _ACROSS, cv2.BORDER_REPLICATE)
    places = np.flatnonzero(_framed(inside, _REACH, cv2.BORDER_CONSTANT).view(np.bool_))
    on_line = np.zeros([side + 2 * _REACH for side in grey.shape], np.uint8)
    middle, flat = on_line[_REACH:-_REACH, _REACH:-_REACH], on_line.ravel()
    found = np.zeros(places.size, np.bool_)
    for across, along in zip(_ACROSS_OFFSETS, _ALONG_OFFSETS, strict=True):
        lighter = cv2.min(_moved(limit, *across), _moved(limit, *-across))
        line = np.asarray(cv2.dilate(cv2.compare(lighter, grey, cv2.CMP_GT), _SQUARE), np.uint8)
        np.right_shift(line, 7, out=middle)
        asked = np.flatnonzero(flat.take(places).view(np.bool_))
        steps = along @ (on_line.shape[1], 1)
        hits = flat.take(places.take(asked) + steps[:, None]).sum(axis=0, dtype=np.uint8)
        found[asked[hits >= _NEEDED]] = True
    return float(found.mean())


def _near(inside: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Rows and columns that hold the region and all that is looked at around it."""
    x, y, width, height = cv2.boundingRect(inside)
    margin = _REACH + _ACROSS + 1
    return (
        slice(max(y - margin, 0), y + height + margin),
        slice(max(x - margin, 0), x + width + margin),
    )


def _framed(picture: NDArray[np.uint8], margin: int, border: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.copyMakeBorder(picture, margin, margin, margin, margin, border), np.uint8)


def _moved(padded: NDArray[np.uint8], dy: int, dx: int) -> NDArray[np.uint8]:
    """The picture inside its margin, read `(dy, dx)` pixels further on."""
    height, width = padded.shape
    return padded[_ACROSS + dy : height - _ACROSS + dy, _ACROSS + dx : width - _ACROSS + dx]
