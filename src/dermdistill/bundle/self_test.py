"""The built-in self-test: an image made by integer arithmetic alone, and the logits it must give."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dermdistill.bundle.schema import SelfTest
from dermdistill.constants import CONSTANTS
from dermdistill.errors import BundleError

_NUMBERS = CONSTANTS["self_test_image"]
_BASE: list[int] = _NUMBERS["base_rgb"]
_SLOPE: list[int] = _NUMBERS["slope_rgb"]
_DOWN: int = _NUMBERS["pattern_step_per_row"]
_RIGHT: int = _NUMBERS["pattern_step_per_column"]
_LEVELS: int = _NUMBERS["pattern_levels"]


def self_test_image(size: int, seed: int = 1) -> NDArray[np.uint8]:
    """Return an RGB uint8 image `[size, size, 3]`: a dark disc on skin colour with a fine pattern.

    All values are integers below 2**31, so JavaScript repeats them exactly. Channel c of pixel (y, x) is
    `base[c] + slope[c] * (d * 256 // (2 * size^2)) // 256 + (7y + 13x + seed) % 32`, which stays within
    0-255. There `d = (2y - size + 1)^2 + (2x - size + 1)^2`, and `//` rounds down. Base, slope and the
    pattern's 7, 13 and 32 are in constants.json.
    """
    y, x = np.mgrid[:size, :size].astype(np.int64)
    distance = (2 * y - size + 1) ** 2 + (2 * x - size + 1) ** 2
    light = distance * 256 // (2 * size * size)
    pattern = (_DOWN * y + _RIGHT * x + seed) % _LEVELS
    channels = [base + slope * light // 256 + pattern for base, slope in zip(_BASE, _SLOPE, strict=True)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def make_self_test(
    logits_of: Callable[[NDArray[np.uint8]], ArrayLike], *, size: int, tolerance: float, seed: int = 1
) -> SelfTest:
    """Record what a model file answers to the self-test image.

    Args:
        logits_of: the model: uint8 `[1, size, size, 3]` to logits `[1, classes]`.
        size: side of the model's input, pixels.
        tolerance: largest difference of a logit on another machine; above 0.
        seed: shifts the image's pattern.
    """
    logits = np.asarray(logits_of(self_test_image(size, seed)[None]), np.float64).reshape(-1)
    return SelfTest(seed=seed, expected_logits=[round(float(v), 6) for v in logits], tolerance=tolerance)


def check_logits(self_test: SelfTest, logits: ArrayLike, *, name: str) -> None:
    """Compare a model's logits for the self-test image with the recorded ones.

    Raises:
        BundleError: a logit is missing, not finite, or differs by more than the tolerance.
    """
    got = np.asarray(logits, np.float64).reshape(-1)
    expected = np.asarray(self_test.expected_logits)
    # Written so that NaN fails too.
    if got.shape != expected.shape or not bool(np.all(np.abs(got - expected) <= self_test.tolerance)):
        raise BundleError(
            f"{name} fails its self-test on this machine: logits {np.round(got, 4).tolist()} instead of "
            f"{np.round(expected, 4).tolist()} within {self_test.tolerance}; do not use it, export it again."
        )
