"""Look at a photograph as a photographer would: what may spoil the answer, and what to do about it.

Warnings, never refusals. Thresholds were set on 500 HAM10000 images, of which at most one in a hundred is
warned of; each is a named number below.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

QualityCode = Literal["too_small", "blurred", "too_dark", "too_bright"]

# Variance of the Laplacian of the grey model input. HAM10000: .5 % are below 26; blurred by a Gaussian of
# 1.5 of 224 pixels, 99 % are below 14.
_SHARPNESS = 15.0
# HAM10000: mean grey between 87 and 217, share of nearly black pixels below .16, of nearly white below .05.
_DARK_MEAN, _BRIGHT_MEAN = 60.0, 235.0
_BLACK, _WHITE, _CLIPPED_SHARE = 20, 250, 0.3

MESSAGES: dict[QualityCode, str] = {
    "too_small": "The picture is very small. Take it closer, or send the original instead of a thumbnail.",
    "blurred": "The picture is blurred or has no detail. Hold still, wipe the lens, tap the lesion to focus.",
    "too_dark": "The picture is too dark. Add light from the side or switch the dermatoscope's light on.",
    "too_bright": "The picture is too bright. Switch the flash off or move out of direct light.",
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
    grey = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY)
    mean = float(grey.mean())
    checks: dict[QualityCode, bool] = {
        "too_small": shorter_side < square.shape[0],
        "blurred": float(cv2.Laplacian(grey, cv2.CV_32F).var()) < _SHARPNESS,
        "too_dark": mean < _DARK_MEAN or float((grey < _BLACK).mean()) > _CLIPPED_SHARE,
        "too_bright": mean > _BRIGHT_MEAN or float((grey > _WHITE).mean()) > _CLIPPED_SHARE,
    }
    return tuple(QualityWarning(code, MESSAGES[code]) for code, wrong in checks.items() if wrong)
