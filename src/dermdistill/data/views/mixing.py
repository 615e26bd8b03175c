"""Mixing the images of a batch in pairs: mixup (arXiv:1710.09412) and cutmix (arXiv:1905.04899)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels; right and bottom are the first outside."""


@dataclass(frozen=True)
class MixSettings:
    """How batches are mixed.

    Attributes:
        mixup: parameter of the Beta distribution of the own image's share; 0 is no mixup.
        cutmix: the same of the area that the own image keeps; 0 is no cutmix.
        cutmix_share: share of the batches that are cut where both are wanted; the others are mixed up.
    """

    mixup: float = 0.0
    cutmix: float = 0.0
    cutmix_share: float = 0.5


NO_MIXING = MixSettings()


@dataclass(frozen=True)
class Mixture:
    """How one batch is mixed.

    Attributes:
        partners: int `[batch]`, positions within the batch that each image is mixed with.
        share: share of the own image, 0 to 1; 1 is no mixing.
        box: what is the partner's in every image, its area being 1 - share; None for mixup.
    """

    partners: NDArray[np.int64]
    share: float = 1.0
    box: Box | None = None

    def of_values(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mix what belongs to an image as a whole, `[batch, ...]`, by share: targets, probabilities."""
        if self.share == 1:
            return values
        return np.float32(self.share) * values + np.float32(1 - self.share) * values[self.partners]

    def of_images(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Mix pixels, uint8 `[batch, size, size, 3]`."""
        if self.share == 1:
            return images
        if self.box is None:
            return self.of_values(images.astype(np.float32)).round().astype(np.uint8)
        left, top, right, bottom = self.box
        mixed = images.copy()
        mixed[:, top:bottom, left:right] = images[self.partners, top:bottom, left:right]
        return mixed


def draw_mixture(rng: np.random.Generator, settings: MixSettings, count: int, side: int) -> Mixture:
    """Draw how a batch of `count` images of `side` pixels is mixed."""
    cut = settings.cutmix > 0
    if cut and settings.mixup:
        cut = rng.uniform() < settings.cutmix_share
    parameter = settings.cutmix if cut else settings.mixup
    share = float(rng.beta(parameter, parameter)) if parameter else 1.0
    partners = rng.permutation(count)
    if not cut:
        return Mixture(partners, share)
    half = side * (1 - share) ** 0.5 / 2
    edges = [(at - half, at + half) for at in rng.uniform(0, side, 2)]
    (left, right), (top, bottom) = [(max(0, round(low)), min(side, round(high))) for low, high in edges]
    # The box may hang over the edge, so the share is counted again, in pixels.
    own = 1 - (right - left) * (bottom - top) / side**2
    return Mixture(partners, own, (left, top, right, bottom))
