"""Sets of classes that contain the true one as often as promised, while the images are like the lab's."""

from dataclasses import dataclass

from dermdistill.bundle import Conformal


@dataclass(frozen=True, slots=True)
class ConformalSet:
    """The classes that cannot be ruled out at one coverage level, most likely first; may be empty."""

    coverage: float
    codes: tuple[str, ...]


def conformal_sets(probs: dict[str, float], conformal: Conformal | None) -> tuple[ConformalSet, ...] | None:
    """Return one set for each coverage level of the bundle, or None when it has none.

    Class c is in the set when `1 - probs[c] <= quantiles[c]`.
    """
    if conformal is None:
        return None
    likely_first = sorted(probs, key=lambda code: -probs[code])
    return tuple(
        ConformalSet(
            level.coverage,
            tuple(code for code in likely_first if 1 - probs[code] <= level.quantiles[code]),
        )
        for level in conformal.levels
    )
