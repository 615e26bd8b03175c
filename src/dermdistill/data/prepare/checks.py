"""Checks of a source's rows against its files, before any image is decoded."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dermdistill.data.prepare.decode import Decoded
from dermdistill.data.prepare.problems import Problem
from dermdistill.data.sources.source import ImageFile, Source
from dermdistill.taxonomy import CLASSES


@dataclass(frozen=True)
class CheckedRows:
    """Rows fit to be decoded, sorted by image id, with the file of each, and every problem seen."""

    rows: pd.DataFrame
    files: list[ImageFile]
    problems: list[Problem]


def check_rows(source: Source) -> CheckedRows:
    """Check every row and file of a source; `problems` says what is done about which."""
    problems: list[Problem] = []
    rows = _image_ids(source.rows, problems)
    named = set(rows["image_id"])
    rows = _diagnoses(_lesions(_rows_of_one_image(rows, problems), problems), problems)
    rows = _ages(rows, problems)
    files = _files(source, named, problems)
    for image_id in rows.loc[~rows["image_id"].isin(files.keys()), "image_id"]:
        problems.append(Problem("missing_image", (image_id,), "no file of that name"))
    rows = rows[rows["image_id"].isin(files.keys())].sort_values("image_id", ignore_index=True)
    return CheckedRows(rows, [files[image_id] for image_id in rows["image_id"]], problems)


def _image_ids(rows: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    empty = rows["image_id"] == ""
    problems += [Problem("no_image_id", (), f"data row {position + 1}") for position in rows.index[empty]]
    return rows[~empty]


def _rows_of_one_image(rows: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    repeated = rows[rows["image_id"].duplicated(keep=False)]
    conflicting = []
    for image_id, group in repeated.groupby("image_id"):
        differing = [str(name) for name in group.columns if group[name].nunique() > 1]
        kind = "conflicting_rows" if differing else "duplicate_row"
        detail = f"{len(group)} rows" + (f" differ in {', '.join(differing)}" if differing else "")
        problems.append(Problem(kind, (str(image_id),), detail))
        conflicting += [image_id] if differing else []
    return rows[~rows["image_id"].isin(conflicting)].drop_duplicates("image_id")


def _lesions(rows: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    empty = rows["lesion_id"] == ""
    problems += [
        Problem("no_lesion", (image_id,), "leaks between splits cannot be ruled out")
        for image_id in rows.loc[empty, "image_id"]
    ]
    return rows.assign(lesion_id=rows["lesion_id"].where(~empty, rows["image_id"]))


def _diagnoses(rows: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    # Before unknown ones are dropped: a lesion that is "mel" in one row and "?" in another is in doubt.
    per_lesion = rows.groupby("lesion_id")["diagnosis"].transform("nunique")
    for lesion_id, group in rows[per_lesion > 1].groupby("lesion_id"):
        seen = ", ".join(sorted(set(group["diagnosis"])))
        problems.append(Problem("two_diagnoses", tuple(group["image_id"]), f"{lesion_id}: {seen}"))
    rows = rows[per_lesion == 1]
    known = rows["diagnosis"].isin(CLASSES)
    for image_id, diagnosis in rows.loc[~known, ["image_id", "diagnosis"]].itertuples(index=False):
        problems.append(Problem("unknown_class", (image_id,), repr(diagnosis)))
    return rows[known]


def _ages(rows: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    numbers = pd.to_numeric(rows["age"], errors="coerce")
    bad = numbers.isna() & ~rows["age"].str.lower().isin(["", "unknown", "nan", "na"])
    for image_id, age in rows.loc[bad, ["image_id", "age"]].itertuples(index=False):
        problems.append(Problem("bad_age", (image_id,), repr(age)))
    return rows.assign(age=numbers)


def _files(source: Source, named: set[str], problems: list[Problem]) -> dict[str, ImageFile]:
    by_id: defaultdict[str, list[ImageFile]] = defaultdict(list)
    for file in source.images:
        by_id[file.image_id].append(file)
    for image_id, files in by_id.items():
        paths = ", ".join(file.source_path for file in files)
        if image_id not in named:
            problems.append(Problem("image_without_row", (image_id,), paths))
        elif len(files) > 1:
            problems.append(Problem("duplicate_file", (image_id,), paths))
    return {image_id: files[0] for image_id, files in by_id.items()}


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
