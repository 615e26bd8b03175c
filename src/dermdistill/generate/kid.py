"""How far generated pictures are from real ones, and whether they are copies, by embeddings of a network."""

import numpy as np
from numpy.typing import NDArray


def kernel_distance(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Kernel Inception Distance of two sets of embeddings `[n, features]` and `[m, features]`.

    The unbiased estimate of the squared maximum mean discrepancy with the kernel `(x y / features + 1)^3`
    (arXiv:1801.01401). Around 0 where both are of one distribution; it may be below 0. NaN for sets of one.
    """
    x, y = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if len(x) < 2 or len(y) < 2:
        return float("nan")
    within = sum(
        (gram.sum() - np.trace(gram)) / (len(gram) * (len(gram) - 1))
        for gram in (_kernel(x, x), _kernel(y, y))
    )
    return float(within - 2 * _kernel(x, y).mean())


def nearest(
    of: NDArray[np.floating],
    among: NDArray[np.floating],
    apart: tuple[NDArray[np.generic], NDArray[np.generic]] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Cosine distance `[n]`, 0 to 2, to the nearest of `among` `[m, features]`, and its position `[n]`.

    Args:
        of: embeddings `[n, features]`.
        among: embeddings `[m, features]`.
        apart: groups `[n]` and `[m]`; those of one group are not neighbours. Infinite where no other is left.
    """
    distances = 1 - _unit(of) @ _unit(among).T
    if apart is not None:
        distances = np.where(apart[0][:, None] == apart[1][None], np.inf, distances)
    at = distances.argmin(axis=1)
    return np.maximum(distances[np.arange(len(at)), at], 0), np.asarray(at, np.intp)


def _kernel(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((x @ y.T / x.shape[1] + 1) ** 3)


def _unit(values: NDArray[np.floating]) -> NDArray[np.float64]:
    values = np.asarray(values, np.float64)
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12))
