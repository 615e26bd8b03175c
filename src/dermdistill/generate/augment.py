"""Differentiable augmentation (arXiv:2006.10738): what the discriminator sees, real or not, is changed alike.

It cannot learn the few real pictures by heart then, and the generator need not learn the changes. The draws
are the host's, so that a step is a function of its number, and a training goes on as if never stopped.
"""

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

Changes = dict[str, NDArray[np.float32]]
"""`color [b, 3]` (brightness, saturation, contrast), `shift [b, 2]` pixels, `hole [b, 2]` its middle."""

_SHIFT, _HOLE = 1 / 8, 1 / 2  # of the side, as in the paper


def draw_changes(rng: np.random.Generator, count: int, image_size: int) -> Changes:
    """Draw how each of some pictures is changed."""
    farthest = round(image_size * _SHIFT)
    return {
        "color": rng.uniform(size=(count, 3)).astype(np.float32),
        "shift": rng.integers(-farthest, farthest + 1, (count, 2)).astype(np.float32),
        "hole": rng.integers(0, image_size + 1, (count, 2)).astype(np.float32),
    }


def changed(images: Any, changes: dict[str, Any]) -> Any:
    """Change colours, shift, and cut a hole; gradients pass.

    Args:
        images: float `[b, size, size, 3]`, -1 to 1.
        changes: what `draw_changes` drew.
    """
    brightness, saturation, contrast = (changes["color"][:, k, None, None, None] for k in range(3))
    images = images + (brightness - 0.5)
    grey = ops.mean(images, axis=3, keepdims=True)
    images = grey + (images - grey) * (2 * saturation)
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    images = mean + (images - mean) * (contrast + 0.5)
    side = images.shape[1]
    images = ops.einsum("bij,bjwc->biwc", _moves(changes["shift"][:, 0], side), images)
    images = ops.einsum("bij,bhjc->bhic", _moves(changes["shift"][:, 1], side), images)
    rows, columns = (_in_hole(changes["hole"][:, k], side) for k in range(2))
    return images * (1 - rows[:, :, None, None] * columns[:, None, :, None])


def _moves(by: Any, side: int) -> Any:
    """Matrices `[b, side, side]` that move a line of pixels by some places; what comes in is 0."""
    places = ops.arange(side, dtype="float32")
    return ops.cast(places[None, None, :] == places[None, :, None] - by[:, None, None], "float32")


def _in_hole(middle: Any, side: int) -> Any:
    """1 for each of `side` places `[b, side]` in a hole about its middle, else 0."""
    places = ops.arange(side, dtype="float32")[None]
    half = side * _HOLE / 2
    inside = ops.logical_and(places >= middle[:, None] - half, places < middle[:, None] + half)
    return ops.cast(inside, "float32")
