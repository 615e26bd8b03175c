"""Hair over the lesion: dark lines that run straight for long.

At each of eight angles `a = k * pi / 8`, on the grey 224 x 224 picture (rows y down, columns x right):

1. A pixel is *on a line* when it is darker by more than 14 than both pixels 4 to either side across the angle
   (offset `(dy, dx) = (round(4 cos a), round(-4 sin a))` and its opposite; outside, the nearest edge pixel);
   so is a pixel whose upper, left or upper left neighbour is, since lines wobble.
2. A pixel on a line is *hair* when at least 14 of the 18 pixels `(round(t sin a), round(t cos a))` from it,
   t = -17, -15 .. 17, are on a line; pixels outside the picture are not.

`round` is half up, after rounding to nine decimals. A pigment network's lines are as dark but soon turn.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

_ACROSS, _DARKER = 4, 14
_REACH, _NEEDED = 17, 14
_STEPS = np.arange(-_REACH, _REACH + 1, 2)


def _half_up(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.floor(np.round(values, 9) + 0.5).astype(np.int64)


_ANGLES = np.arange(8) * np.pi / 8
# (dy, dx) `[angle, 2]`, and `[angle, step, 2]`.
_ACROSS_OFFSETS = _half_up(_ACROSS * np.stack([np.cos(_ANGLES), -np.sin(_ANGLES)], axis=1))
_ALONG_OFFSETS = _half_up(
    _STEPS[None, :, None] * np.stack([np.sin(_ANGLES), np.cos(_ANGLES)], axis=1)[:, None]
)
_SQUARE = np.ones((2, 2), np.uint8)


def hair_over(square: NDArray[np.uint8], region: NDArray[np.bool_]) -> float:
    """Return the share of a region that hair covers, 0-1; 0 of an empty region.

    Args:
        square: RGB uint8 `[size, size, 3]`.
        region: which part of it, a grid `[side, side]` of square cells; see `lesion_region`.
    """
    cells = region.astype(np.uint8)
    inside = np.asarray(cv2.resize(cells, square.shape[:2], interpolation=cv2.INTER_NEAREST), np.uint8)
    if not inside.any():
        return 0.0
    near = _near(inside)
    inside = inside[near]
    grey = np.asarray(cv2.cvtColor(square[near], cv2.COLOR_RGB2GRAY), np.uint8)
    # OpenCV's borders and searches: numpy's cost more here than the arithmetic does.
    darker = np.maximum(grey, _DARKER) - np.uint8(_DARKER)
    edge = cv2.BORDER_REPLICATE
    limit = np.asarray(cv2.copyMakeBorder(darker, _ACROSS, _ACROSS, _ACROSS, _ACROSS, edge), np.uint8)
    found = np.zeros(grey.shape, np.bool_)
    for across, along in zip(_ACROSS_OFFSETS, _ALONG_OFFSETS, strict=True):
        lighter = cv2.min(_moved(limit, *across), _moved(limit, *-across))
        line = np.asarray(cv2.dilate(cv2.compare(lighter, grey, cv2.CMP_GT), _SQUARE), np.uint8)
        _mark_straight(found, line, np.asarray(cv2.min(line, inside), np.uint8), along)
    return float(found.sum() / inside.sum())


def _near(inside: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Rows and columns that hold the region and all that is looked at around it."""
    x, y, width, height = cv2.boundingRect(inside)
    margin = _REACH + _ACROSS + 1
    return (
        slice(max(y - margin, 0), y + height + margin),
        slice(max(x - margin, 0), x + width + margin),
    )


def _mark_straight(
    found: NDArray[np.bool_], line: NDArray[np.uint8], asked: NDArray[np.uint8], along: NDArray[np.int64]
) -> None:
    """Mark the asked pixels that have enough of a line at the offsets `along` `[steps, 2]`."""
    places = cv2.findNonZero(asked)
    if places is None:
        return
    x, y = places.reshape(-1, 2).T.astype(np.int64)
    outside = cv2.BORDER_CONSTANT  # of zeros
    padded = cv2.copyMakeBorder(line, _REACH, _REACH, _REACH, _REACH, outside)
    start = (y + _REACH) * padded.shape[1] + x + _REACH
    on_line = padded.ravel()[start[:, None] + along @ (padded.shape[1], 1)]
    found[y, x] |= np.count_nonzero(on_line, axis=1) >= _NEEDED


def _moved(padded: NDArray[np.uint8], dy: int, dx: int) -> NDArray[np.uint8]:
    """The picture inside its margin, read `(dy, dx)` pixels further on."""
    height, width = padded.shape
    return padded[_ACROSS + dy : height - _ACROSS + dy, _ACROSS + dx : width - _ACROSS + dx]
