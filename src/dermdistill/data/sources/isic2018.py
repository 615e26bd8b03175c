"""ISIC 2018 Task 3: ground truth with a column per class, and a table that groups images by lesion."""

from pathlib import Path

import pandas as pd

from dermdistill.data.sources.archive import images_in_zip
from dermdistill.data.sources.folder import images_in
from dermdistill.data.sources.metadata import read_table, strip_suffix
from dermdistill.data.sources.source import ROW_COLUMNS, ImageFile, Source
from dermdistill.errors import DataError
from dermdistill.taxonomy import CLASSES

_CLASS_COLUMNS = tuple(code.upper() for code in CLASSES)


def read(root: Path) -> Source | None:
    """Read the one ground truth table under `root` with its images; None if there is none.

    Raises:
        DataError: there are several, say of the training and the test part.
    """
    found = [
        path
        for path in sorted({*root.glob("*GroundTruth*.csv"), *root.glob("*/*GroundTruth*.csv")})
        if is_ground_truth(read_table(path))
    ]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise DataError(f"{root} has several ground truths ({names}); name one with --metadata.")
    return read_with(root, found[0]) if found else None


def is_ground_truth(table: pd.DataFrame) -> bool:
    """Whether a table has an image column and one column per class."""
    return {"image", *_CLASS_COLUMNS} <= set(table.columns)


def read_with(root: Path, ground_truth: Path) -> Source:
    """Read the images that belong to one ground truth table.

    Lesion ids come from a `*LesionGroupings*.csv` under `root` (columns image, lesion_id and
    diagnosis_confirm_type); an image it does not name has none.
    """
    table = read_table(ground_truth)
    rows = pd.DataFrame("", index=table.index, columns=list(ROW_COLUMNS))
    rows["image_id"] = table["image"].str.strip().map(strip_suffix)
    marked = table[list(_CLASS_COLUMNS)].apply(pd.to_numeric, errors="coerce") > 0.5
    # A row with no class or with two is no known class, and is reported as what it says.
    rows["diagnosis"] = [
        "+".join(code for code, mark in zip(CLASSES, marks, strict=True) if mark)
        for marks in marked.itertuples(index=False)
    ]
    for path in sorted({*root.glob("*LesionGroupings*.csv"), *root.glob("*/*LesionGroupings*.csv")}):
        groups = read_table(path)
        if {"image", "lesion_id"} <= set(groups.columns):
            groups = groups.set_index(groups["image"].str.strip().map(strip_suffix))
            groups = groups[~groups.index.duplicated()]
            rows["lesion_id"] = rows["image_id"].map(groups["lesion_id"]).fillna(rows["lesion_id"])
            if "diagnosis_confirm_type" in groups:
                rows["confirmed_by"] = rows["image_id"].map(groups["diagnosis_confirm_type"]).fillna("")
    return Source("isic2018", root, rows, _images(root, ground_truth.stem))


def _images(root: Path, ground_truth: str) -> list[ImageFile]:
    """Images of `..._Training_Input` for `..._Training_GroundTruth`, folder or zip; else all under `root`."""
    name = ground_truth.replace("GroundTruth", "Input")
    if (root / name).is_dir():
        return images_in(root / name, root)
    if (root / f"{name}.zip").is_file():
        return images_in_zip(root / f"{name}.zip", root)
    return images_in(root, root)
