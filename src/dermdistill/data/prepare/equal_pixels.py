"""Images whose pixels are equal: within a lesion they stay, elsewhere one of them or none does."""

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd

from dermdistill.data.prepare.decode import Decoded
from dermdistill.data.prepare.problems import Problem


def check_pixels(rows: pd.DataFrame, decoded: Sequence[Decoded]) -> tuple[list[int], list[Problem]]:
    """Find the rows to keep after decoding; `problems` says what is done about which.

    Args:
        rows: image_id, lesion_id and diagnosis, one row per result.
        decoded: the results, in the same order.

    Returns:
        The positions to keep, ascending, and the problems.
    """
    problems = []
    same: defaultdict[str, list[int]] = defaultdict(list)
    ids, lesions, diagnoses = (rows[name].tolist() for name in ("image_id", "lesion_id", "diagnosis"))
    for result in decoded:
        if result.error:
            problems.append(Problem("unreadable", (ids[result.position],), result.error))
        else:
            same[result.sha256].append(result.position)
    keep = []
    for positions in same.values():
        kind, kept = _judge([lesions[i] for i in positions], [diagnoses[i] for i in positions])
        keep += positions[:kept]
        if kind:
            seen = ", ".join(f"{lesions[i]} {diagnoses[i]}" for i in positions)
            problems.append(Problem(kind, tuple(ids[i] for i in positions), seen))
    return sorted(keep), problems


def _judge(lesions: Sequence[str], diagnoses: Sequence[str]) -> tuple[str, int]:
    """Return the kind of problem ("" for none) of images with equal pixels, and how many of them to keep."""
    if len(lesions) == 1:
        return "", 1
    if len(set(diagnoses)) > 1:
        return "same_pixels_two_diagnoses", 0
    if len(set(lesions)) > 1:
        return "same_pixels_two_lesions", 1
    return "same_pixels_one_lesion", len(lesions)
