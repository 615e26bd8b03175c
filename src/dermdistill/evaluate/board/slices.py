"""The parts of a source that are measured by themselves: picture kind, skin tone, age, sex."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.metrics.mondrian import age_groups

WHOLE = "all"
ATTRIBUTES = ("picture", "skin_tone", "age", "sex")
UNKNOWN = "unknown"


def slices_of(frame: pd.DataFrame) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """The whole of a source, then its parts: attribute, value, and which images `[n]` have it.

    A part that is the whole, as of a source with one kind of picture, is not measured twice.

    Args:
        frame: of one source, with picture, skin_tone and sex in words, empty where unknown, and age in years.
    """
    yield WHOLE, WHOLE, np.ones(len(frame), np.bool_)
    for attribute in ATTRIBUTES:
        values = _values(frame, attribute)
        names = sorted(set(values), key=lambda name: (name.startswith(UNKNOWN), name))
        # Under 40 comes before 40 and over.
        names = sorted(names, key=lambda name: name != "under 40") if attribute == "age" else names
        if len(names) > 1:
            yield from ((attribute, name, values == name) for name in names)


def _values(frame: pd.DataFrame, attribute: str) -> NDArray[np.object_]:
    if attribute == "age":
        return age_groups(frame["age"])
    words = frame[attribute].fillna("")
    return np.asarray(words.where(words != "", UNKNOWN), object)
