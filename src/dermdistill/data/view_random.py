"""Where the chance in views comes from: `(image_id, view, seed)` and nothing else."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def draw_bits(image_ids: Sequence[str], views: Sequence[int], seed: int, count: int) -> NDArray[np.uint64]:
    """Draw `count` words for each view, `[len(views), count]`: Philox-4x64 under a hash of its identity.

    One generator is given key after key: to make one for each view would take three times as long.
    """
    generator = np.random.Philox(0)
    state = generator.state
    state["state"]["counter"][:] = 0
    words = np.empty((len(views), count), np.uint64)
    for row, (image_id, view) in enumerate(zip(image_ids, views, strict=True)):
        key = hashlib.blake2b(f"{image_id}/{view}/{seed}".encode(), digest_size=16).digest()
        state["state"]["key"][:] = np.frombuffer(key, "<u8")
        generator.state = state
        words[row] = generator.random_raw(count)
    return words


def to_uniform(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """From 0 to below 1, of the upper 53 bits of each word."""
    return np.asarray((bits >> np.uint64(11)) * 2.0**-53, np.float64)


def to_quarter(bits: NDArray[np.uint64]) -> NDArray[np.intp]:
    """0, 1, 2 or 3, of bits 30 and 31."""
    return ((bits >> np.uint64(30)) & np.uint64(3)).astype(np.intp)
