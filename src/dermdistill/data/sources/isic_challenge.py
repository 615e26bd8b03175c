"""ISIC 2018 Task 3 and ISIC 2019: ground truth with a column per class, lesions and patients beside it."""

from pathlib import Path

import pandas as pd

from dermdistill.data.sources.images import images_in, images_in_zip
from dermdistill.data.sources.metadata import read_table, strip_suffix
from dermdistill.data.sources.source import ROW_COLUMNS, ImageFile, Source
from dermdistill.errors import DataError
from dermdistill.taxonomy import CLASSES

_OF_2018 = {code.upper(): code for code in CLASSES}
# 2019 calls akiec AK, and has two classes more; whether an SCC is one of ours is for --label to say.
_OF_2019 = {("AK" if code == "akiec" else code.upper()): code for code in CLASSES} | {
    "SCC": "scc",
    "UNK": "unk",
}
_EDITIONS = {"isic2018": _OF_2018, "isic2019": _OF_2019}
# What the tables beside a ground truth know of an image, under the project's names.
_BESIDE = {
    "lesion_id": "lesion_id",
    "diagnosis_confirm_type": "confirmed_by",
    "age_approx": "age",
    "sex": "sex",
    "anatom_site_general": "site",
}


def read(root: Path) -> Source | None:
    """Read the one ground truth table under `root` with its images; None if there is none.

    Raises:
        DataError: there are several, say of the training and the test part.
    """
    found = [(path, name) for path in _tables(root, "GroundTruth") if (name := edition(read_table(path)))]
    if len(found) > 1:
        names = ", ".join(path.name for path, _ in found)
        raise DataError(f"{root} has several ground truths ({names}); name one with --metadata.")
    return read_with(root, *found[0]) if found else None


def edition(table: pd.DataFrame) -> str | None:
    """Name the challenge whose ground truth a table is, by its image column and one column per class."""
    return next((name for name, of in _EDITIONS.items() if {"image", *of} <= set(table.columns)), None)


def read_with(root: Path, ground_truth: Path, name: str) -> Source:
    """Read the images that belong to one ground truth table, of the `edition` of that name.

    Lesions, patients' age and sex, and sites come from the `*LesionGroupings*.csv` and `*Metadata*.csv` under
    `root`; of an image they do not name, nothing is known.
    """
    table = read_table(ground_truth)
    rows = pd.DataFrame("", index=table.index, columns=list(ROW_COLUMNS))
    rows["image_id"] = table["image"].str.strip().map(strip_suffix)
    marked = table[list(_EDITIONS[name])].apply(pd.to_numeric, errors="coerce") > 0.5
    # A row with no class or with two is no known class, and is reported as what it says.
    rows["diagnosis"] = [
        "+".join(code for code, mark in zip(_EDITIONS[name].values(), marks, strict=True) if mark)
        for marks in marked.itertuples(index=False)
    ]
    for path in (*_tables(root, "LesionGroupings"), *_tables(root, "Metadata")):
        known = read_table(path)
        if "image" not in known:
            continue
        known = known.set_index(known["image"].str.strip().map(strip_suffix))
        known = known[~known.index.duplicated()]
        for theirs, ours in _BESIDE.items():
            if theirs in known:
                rows[ours] = rows["image_id"].map(known[theirs].str.strip()).fillna(rows[ours])
    return Source(name, root, rows, _images(root, ground_truth.stem))


def _tables(root: Path, what: str) -> list[Path]:
    return sorted({*root.glob(f"*{what}*.csv"), *root.glob(f"*/*{what}*.csv")})


def _images(root: Path, ground_truth: str) -> list[ImageFile]:
    """Images of `..._Training_Input` for `..._Training_GroundTruth`, folder or zip; else all under `root`."""
    name = ground_truth.replace("GroundTruth", "Input")
    if (root / name).is_dir():
        return images_in(root / name, root)
    if (root / f"{name}.zip").is_file():
        return images_in_zip(root / f"{name}.zip", root)
    return images_in(root, root)
