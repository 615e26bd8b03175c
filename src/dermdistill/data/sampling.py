"""How often each image is drawn: balanced over classes, and within a class over sources."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SourceMix:
    """Where the images of a training set come from.

    Attributes:
        names: of the sources, in the order of their numbers.
        of_image: int `[n]`, the number of each image's source.
        power: 0 draws the images of a class from the sources as they have them, 1 from all alike.
        shares: share of a batch that each source gets, 0 to 1; None shares out what the others leave.
        mask_absent_classes: a source that has no image of a class does not teach that the class is not there.
    """

    names: tuple[str, ...]
    of_image: NDArray[np.int64] = field(repr=False)
    power: float = 0.0
    shares: tuple[float | None, ...] = ()
    mask_absent_classes: bool = False

    def counts(self, labels: NDArray[np.int64], num_classes: int) -> NDArray[np.float64]:
        """Images of each source and class, float `[sources, classes]`."""
        counts = np.zeros((len(self.names), num_classes))
        np.add.at(counts, (self.of_image, labels), 1)
        return counts


def cell_shares(
    counts: NDArray[np.float64], class_power: float, source_power: float, shares: tuple[float | None, ...]
) -> NDArray[np.float64]:
    """Share of each source and class in what is drawn.

    A class is drawn by `n_c ** (1 - class_power)`, and within it a source by `n_sc ** (1 - source_power)`. At
    a source power of 1 all sources that have the class give equally many of its images. Then the source tells
    as little about the class as possible. Then sources with a share are scaled to it; that moves the classes'
    shares.

    Args:
        counts: images of each source and class, `[sources, classes]`.
        class_power: 0 to 1.
        source_power: 0 to 1.
        shares: of each source, None for what the others leave; or empty.

    Returns:
        Float `[sources, classes]`, sums to 1.
    """
    of_class = counts.sum(axis=0)
    by_class = np.where(of_class > 0, np.maximum(of_class, 1) ** (1 - class_power), 0)
    by_source = np.where(counts > 0, np.maximum(counts, 1) ** (1 - source_power), 0)
    within = by_source / np.maximum(by_source.sum(axis=0), 1e-300)
    drawn = by_class / by_class.sum() * within
    if not any(share is not None for share in shares):
        return np.asarray(drawn)
    wanted = np.array([np.nan if share is None else share for share in shares])
    free = np.isnan(wanted)
    left = 1 - np.nansum(wanted)
    rest = drawn.sum(axis=1)
    wanted[free] = left * rest[free] / max(rest[free].sum(), 1e-300)
    scaled = drawn / np.maximum(rest, 1e-300)[:, None] * wanted[:, None]
    return np.asarray(scaled / scaled.sum())
