"""Where the lesion roughly is, by colour alone: enough to say whether it is cut off or covered, no border.

On a 56 x 56 area-resized picture, in steps that any language repeats, with the numbers of constants.json:

1. *Pigment* of a pixel: `log((R + 8) / (B + 8)) - log(G + 8) / 5`, then the mean over 3 x 3 (mirrored at the
   edge, without repeating it). Melanin and blood take blue before red; uneven light takes both alike.
2. Pixels whose largest channel is below 60 are the dermatoscope's black ring; they never belong to a lesion.
3. Pigment is scaled to 0-255 between its 1st and 99th percentile (the sorted value at
   `floor(share * (n - 1))`), clipped and rounded down. A pixel above Otsu's threshold is pigmented. The
   threshold is over the pixels outside the ring, or over all where fewer than 500 are left. Where those
   percentiles lie less than .1 apart, nothing is pigmented (the least in HAM10000 is .14).
4. Regions are joined by their sides. The one with the largest sum of `exp(-d^2 / (2 * 14^2))`, d pixels from
   the middle (27.5, 27.5), is the lesion.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.constants import CONSTANTS

_NUMBERS = CONSTANTS["lesion_region"]
SIDE: int = _NUMBERS["side_cells"]
_RING: int = _NUMBERS["ring_below_channel"]
_ENOUGH: int = _NUMBERS["least_cells_outside_ring"]
_GREEN: int = _NUMBERS["green_log_divisor"]
_QUANTILES: tuple[float, float] = _NUMBERS["low_quantile"], _NUMBERS["high_quantile"]
_LEAST_CONTRAST: float = _NUMBERS["least_contrast"]
_CORNER: int = _NUMBERS["corner_cells"]
_Y, _X = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
_CENTRAL = np.exp(-(_Y**2 + _X**2) / (2 * _NUMBERS["central_sigma_cells"] ** 2))
_LOG = np.log(np.arange(256, dtype=np.float32) + _NUMBERS["channel_offset_before_log"])


def lesion_region(square: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which of 56 x 56 cells are lesion; none where nothing stands out.

    Args:
        square: RGB uint8 `[size, size, 3]`, the model's input.
    """
    small = cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    red, green, blue = cv2.split(small)
    outside = np.asarray(cv2.max(cv2.max(red, green), blue)) >= _RING
    red, green, blue = cv2.split(cv2.LUT(small, _LOG))
    pigment = cv2.blur(red - blue - green / _GREEN, (3, 3))
    counted = pigment[outside] if outside.sum() >= _ENOUGH else pigment.ravel()
    ranks = [int(share * (counted.size - 1)) for share in _QUANTILES]
    low, high = np.partition(counted, ranks)[ranks]
    if high - low < _LEAST_CONTRAST:
        return np.zeros((SIDE, SIDE), np.bool_)
    levels = np.clip((pigment - low) / (high - low) * 255, 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(
        levels[outside] if outside.sum() >= _ENOUGH else levels, 0, 255, cv2.THRESH_OTSU
    )
    count, labels = cv2.connectedComponents(((levels > threshold) & outside).astype(np.uint8), connectivity=4)
    weights = np.bincount(labels.ravel(), weights=_CENTRAL.ravel(), minlength=count)
    weights[0] = 0
    return np.asarray((labels == weights.argmax()) & (weights.max() > 0), np.bool_)


def sides_touched(region: NDArray[np.bool_]) -> list[float]:
    """Share of each side that the lesion reaches, largest first; the corners left out.

    Read one cell inside the edge: the outermost is often blurred or framed.
    """
    middle = slice(_CORNER, -_CORNER)
    sides = region[1, middle], region[-2, middle], region[middle, 1], region[middle, -2]
    return sorted((float(side.mean()) for side in sides), reverse=True)
