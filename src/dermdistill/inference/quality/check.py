"""Check a photograph as a photographer would: what may make the answer wrong, and what to do about it.

Warnings, never refusals. Thresholds were set on train and val images of HAM10000; constants.json has them.
`tests/inference/test_quality.py` holds what they catch and how often they warn for nothing.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.constants import CONSTANTS
from dermdistill.inference.quality.hair import hair_over
from dermdistill.inference.quality.lesion_region import lesion_region, sides_touched

QualityCode = Literal["too_small", "blurred", "too_dark", "too_bright", "out_of_frame", "hair"]

_LIMITS = CONSTANTS["quality"]
# Of the grey model input. HAM10000: .5 % are below 26; blurred by a Gaussian of 1.5 of 224 pixels, 99 % are
# below 14.
_LEAST_SHARPNESS: float = _LIMITS["least_laplacian_variance"]
# HAM10000: mean grey between 87 and 217, share of nearly black pixels below .16, of nearly white below .05. A
# dermatoscope's black rim is no want of light: how dark a picture is, what is not nearly black says.
_DARK_MEAN: float = _LIMITS["least_mean_grey_of_lit_pixels"]
_BRIGHT_MEAN: float = _LIMITS["most_mean_grey"]
_BLACK: int = _LIMITS["black_below_grey"]
_MOST_BLACK: float = _LIMITS["most_black_share"]
_WHITE: int = _LIMITS["white_above_grey"]
_MOST_WHITE: float = _LIMITS["most_white_share"]
# A lesion that is cut off covers much of one side, perhaps of two, but leaves the others free. What reaches
# three sides is uneven light, or skin. Of 4,710 lesions whose mask keeps off the edge 2.7 % are warned of, of
# such lesions cropped by 30-60 % of their extent 86 %.
_MOST_TOUCHED: float = _LIMITS["cut_off_least_share_of_most_touched_side"]
_NEXT_TOUCHED: float = _LIMITS["cut_off_most_share_of_second_side"]
_THIRD_TOUCHED: float = _LIMITS["cut_off_most_share_of_third_side"]
# 3.6 % of HAM10000's lesions are above; by eye, four of five of these have hair. With 5-11 hairs drawn over
# them, 95 % are.
_MOST_HAIR: float = _LIMITS["most_hair_share_of_lesion"]

MESSAGES: dict[QualityCode, str] = {
    "too_small": "The picture is very small. Take it closer, or send the original instead of a thumbnail.",
    "blurred": "The picture is blurred or has no detail. Hold still, wipe the lens, tap the lesion to focus.",
    "too_dark": "The picture is too dark. Add light from the side or switch the dermatoscope's light on.",
    "too_bright": "The picture is too bright. Switch the flash off or move out of direct light.",
    "out_of_frame": "The lesion seems to be cut off. Move it to the middle, with skin all around it.",
    "hair": "Hair seems to cover the lesion. Part it or flatten it with gel, and take it again.",
}


@dataclass(frozen=True, slots=True)
class QualityWarning:
    """One thing that is wrong with the photograph: a code for programs, a sentence for people."""

    code: QualityCode
    message: str


def check_quality(square: NDArray[np.uint8], *, shorter_side: int) -> tuple[QualityWarning, ...]:
    """Check a photograph.

    Args:
        square: the model's input, RGB uint8 `[size, size, 3]`: what matters is what the model sees.
        shorter_side: of the photograph before resizing, pixels.

    Returns:
        The warnings that apply; empty when the photograph is fine.
    """
    grey = np.asarray(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY), np.uint8)
    lit = grey >= _BLACK
    region = lesion_region(square)
    checks: dict[QualityCode, bool] = {
        "too_small": shorter_side < square.shape[0],
        "blurred": _sharpness(grey) < _LEAST_SHARPNESS,
        "too_dark": cv2.mean(grey, lit.view(np.uint8))[0] < _DARK_MEAN or _share(~lit) > _MOST_BLACK,
        "too_bright": cv2.mean(grey)[0] > _BRIGHT_MEAN or _share(grey > _WHITE) > _MOST_WHITE,
        "out_of_frame": _is_cut_off(region),
        "hair": hair_over(grey, region) > _MOST_HAIR,
    }
    return tuple(QualityWarning(code, MESSAGES[code]) for code, wrong in checks.items() if wrong)


def _share(pixels: NDArray[np.bool_]) -> float:
    return float(np.count_nonzero(pixels) / pixels.size)


def _sharpness(grey: NDArray[np.uint8]) -> float:
    """Variance of the Laplacian; by its sums, which OpenCV has ten times faster than it has the variance."""
    edges = cv2.Laplacian(grey, cv2.CV_16S)
    return float(cv2.norm(edges, cv2.NORM_L2SQR) / edges.size - cv2.mean(edges)[0] ** 2)


def _is_cut_off(region: NDArray[np.bool_]) -> bool:
    most, following, third, _ = sides_touched(region)
    return most >= _MOST_TOUCHED and following <= _NEXT_TOUCHED and third <= _THIRD_TOUCHED
