"""Checks of a source's rows against its files, before any image is decoded."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from dermdistill.classes import ClassTable
from dermdistill.data.groups import group_ids
from dermdistill.data.prepare import words
from dermdistill.data.prepare.problems import Problem
from dermdistill.data.sources import PATH_SIGN, ImageFile, Source


@dataclass(frozen=True)
class CheckedRows:
    """Rows fit to be decoded, sorted by image id, with the file of each, and every problem seen."""

    rows: pd.DataFrame
    files: list[ImageFile]
    problems: list[Problem]


def check_rows(source: Source, classes: ClassTable) -> CheckedRows:
    """Check every row and file of a source; `problems` says what is done about which.

    Args:
        source: what was found.
        classes: its diagnoses are brought into these codes.
    """
    problems: list[Problem] = []
    rows = _image_ids(source.rows, problems)
    named = set(rows["image_id"])
    rows = _lesions(_rows_of_one_image(rows, problems), problems)
    rows = _diagnoses(rows, classes, problems)
    rows = _pictures(_patients(rows, problems), source, problems)
    files = _files(source, named, problems)
    for image_id in rows.loc[~rows["image_id"].isin(files.keys()), "image_id"]:
        problems.append(Problem("missing_image", (image_id,), "no file of that name"))
    rows = rows[rows["image_id"].isin(files.keys())].sort_values("image_id", ignore_index=True)
    rows = rows.assign(source=source.about.name, group_id=group_ids(rows))
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
    """Make an unknown lesion a lesion of its own, and one that several patients have one of each."""
    empty, patients = rows["lesion_id"] == "", rows["patient_id"]
    if len(rows) and (empty & (patients == "")).all():
        problems.append(Problem("no_lesions", (), f"{len(rows)} images"))
    else:
        problems += [
            Problem("no_lesion", (image_id,), "leaks between splits cannot be ruled out")
            for image_id in rows.loc[empty & (patients == ""), "image_id"]
        ]
    lesions = rows["lesion_id"].where(~empty, rows["image_id"])
    owners = patients.mask(patients == "").groupby(lesions).transform("nunique")
    for lesion_id, group in rows[owners > 1].groupby("lesion_id"):
        seen = ", ".join(sorted(set(group["patient_id"])))
        problems.append(Problem("lesion_of_patients", tuple(group["image_id"]), f"{lesion_id}: {seen}"))
    return rows.assign(lesion_id=lesions.where(owners <= 1, patients + ":" + lesions))


def _diagnoses(rows: pd.DataFrame, classes: ClassTable, problems: list[Problem]) -> pd.DataFrame:
    codes = {diagnosis: _code(diagnosis, classes) for diagnosis in rows["diagnosis"].unique()}
    rows = rows.assign(diagnosis=[codes[diagnosis] or diagnosis for diagnosis in rows["diagnosis"]])
    # Before unknown ones are dropped: a lesion that is "mel" in one row and "?" in another is in doubt.
    per_lesion = rows.groupby("lesion_id")["diagnosis"].transform("nunique")
    for lesion_id, group in rows[per_lesion > 1].groupby("lesion_id"):
        seen = ", ".join(sorted(set(group["diagnosis"])))
        problems.append(Problem("two_diagnoses", tuple(group["image_id"]), f"{lesion_id}: {seen}"))
    rows = rows[per_lesion == 1]
    found = rows["diagnosis"].isin(classes.codes)
    for image_id, diagnosis in rows.loc[~found, ["image_id", "diagnosis"]].itertuples(index=False):
        problems.append(Problem("unknown_class", (image_id,), repr(diagnosis)))
    return rows[found]


def _code(diagnosis: str, classes: ClassTable) -> str | None:
    """The class of a diagnosis: of the most special of its levels that the table has a word for."""
    levels = [diagnosis, *reversed(diagnosis.split(PATH_SIGN))]
    return next((code for level in levels if level and (code := classes.lookup(level))), None)


def _patients(rows: pd.DataFrame, problems: list[Problem]) -> pd.DataFrame:
    """Bring what is told of the patients into one word each."""
    read: dict[str, Callable[[str], object]] = {
        "site": words.read_site,
        "skin_tone": words.read_skin_tone,
        "licence": words.read_licence,
        "confirmed_by": words.read_confirmation,
    }
    rows = rows.assign(**{name: rows[name].map(word) for name, word in read.items()})
    sexes = [words.read_sex(word) for word in rows["sex"]]
    ages = [words.read_age(word) if word else float("nan") for word in rows["age"]]
    for kind, column, values in (("bad_sex", "sex", sexes), ("bad_age", "age", ages)):
        for image_id, told, value in zip(rows["image_id"], rows[column], values, strict=True):
            if value is None:
                problems.append(Problem(kind, (image_id,), repr(told)))
    return rows.assign(sex=[sex or "" for sex in sexes], age=pd.Series(ages, rows.index, dtype=float))


def _pictures(rows: pd.DataFrame, source: Source, problems: list[Problem]) -> pd.DataFrame:
    """Tell dermoscopic from clinical pictures, and fill in the licence of the whole data set."""
    told = pd.Series([words.read_picture(word) for word in rows["picture"]], rows.index, dtype=object)
    for image_id, word in rows.loc[told.isna(), ["image_id", "picture"]].itertuples(index=False):
        problems.append(Problem("other_picture", (image_id,), repr(word)))
    rows = rows.assign(picture=told)[told.notna()]
    default = source.about.picture or "dermoscopic"
    if not source.about.picture and (unsaid := int((rows["picture"] == "").sum())):
        problems.append(Problem("no_picture_kind", (), f"{unsaid} images"))
    licence = rows["licence"].where(rows["licence"] != "", source.about.licence)
    return rows.assign(picture=rows["picture"].where(rows["picture"] != "", default), licence=licence)


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
