"""Exact intervals of a proportion."""

from scipy.stats import beta


def clopper_pearson(found: int, total: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Exact interval of a proportion, 0 to 1, which holds `found / total`, also where that is 0 or 1.

    Source: Clopper, Pearson 1934, doi:10.1093/biomet/26.4.404.

    Args:
        found: successes, 0 to `total`.
        total: independent trials, at least 1.
        confidence: 0 to 1.
    """
    tail = (1 - confidence) / 2
    low = 0.0 if found == 0 else float(beta.ppf(tail, found, total - found + 1))
    high = 1.0 if found == total else float(beta.ppf(1 - tail, found + 1, total - found))
    return low, high
