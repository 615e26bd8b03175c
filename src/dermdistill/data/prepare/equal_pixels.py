"""Images whose pixels are equal: within a lesion they stay, elsewhere one of them or none does.

Where that leaves no image at all, the contradicted ones stay: to look at, not to learn from (decision 24).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import pandas as pd

from dermdistill.data.prepare.decode import Decoded
from dermdistill.data.prepare.problems import Problem


def check_pixels(
    rows: pd.DataFrame, decoded: Sequence[Decoded]
) -> tuple[pd.DataFrame, list[int], list[Problem]]:
    """Find the rows to keep after decoding; `problems` says what is done about which.

    Args:
        rows: image_id, lesion_id, group_id and diagnosis, one row per result.
        decoded: the results, in the same order.

    Returns:
        The rows, with one lesion for each picture if only contradicted ones are left; the positions to keep,
        ascending; and the problems.
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
    if same and not keep:  # so every picture is contradicted
        problems = [
            replace(problem, kind="only_contradicted")
            if problem.kind == "same_pixels_two_diagnoses"
            else problem
            for problem in problems
        ]
        return _one_lesion_a_picture(rows, list(same.values())), sorted(chain(*same.values())), problems
    return rows, sorted(keep), problems


def _one_lesion_a_picture(rows: pd.DataFrame, pictures: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Give all images of a picture the lesion and the group of its first."""
    owner = list(range(len(rows)))
    for positions in pictures:
        for position in positions:
            owner[position] = positions[0]
    named = {name: rows[name].iloc[owner].to_numpy() for name in ("lesion_id", "group_id")}
    return rows.assign(**named)


def _judge(lesions: Sequence[str], diagnoses: Sequence[str]) -> tuple[str, int]:
    """Return the kind of problem ("" for none) of images with equal pixels, and how many of them to keep."""
    if len(lesions) == 1:
        return "", 1
    if len(set(diagnoses)) > 1:
        return "same_pixels_two_diagnoses", 0
    if len(set(lesions)) > 1:
        return "same_pixels_two_lesions", 1
    return "same_pixels_one_lesion", len(lesions)
