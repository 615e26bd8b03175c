"""Near-duplicate images: pairs whose grey values correlate almost perfectly."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.data.prepared import Images

THRESHOLD = 0.998
_SIDE = 32
_BLOCK = 2048


@dataclass(frozen=True)
class Pair:
    """Two images by position, first < second, and the correlation of their grey values, -1 to 1."""

    first: int
    second: int
    correlation: float


def near_duplicates(images: Images, *, threshold: float = THRESHOLD) -> list[Pair]:
    """Find all pairs of images that correlate above a threshold.

    Args:
        images: uint8 RGB `[n, size, size, 3]`; may be memory-mapped.
        threshold: Pearson correlation of the images' grey values at 32x32, -1 to 1.

    Returns:
        The pairs, by position. An image of a single grey has no correlation and is in no pair.
    """
    pairs: list[Pair] = []
    for row, column, correlations in _blocks(_standardised(images)):
        for first, second in np.argwhere(correlations > threshold):
            if row + first < column + second:
                value = min(float(correlations[first, second]), 1.0)
                pairs.append(Pair(int(row + first), int(column + second), value))
    return sorted(pairs, key=lambda pair: (pair.first, pair.second))


def _standardised(images: Images) -> NDArray[np.float32]:
    """Grey 32x32 vectors `[n, 1024]` of mean 0 and length 1, so that a dot product is a correlation."""
    with ThreadPoolExecutor() as pool:
        small = np.stack(list(pool.map(_shrink, images))) if len(images) else np.zeros((0, _SIDE**2))
    centred = small - small.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(length > 0, length, 1), np.float32)


def _shrink(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    grey = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()


def _blocks(vectors: NDArray[np.float32]) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Yield the upper triangle of the matrix of all correlations, block by block, to bound the memory."""
    for row in range(0, len(vectors), _BLOCK):
        for column in range(row, len(vectors), _BLOCK):
            yield row, column, vectors[row : row + _BLOCK] @ vectors[column : column + _BLOCK].T
