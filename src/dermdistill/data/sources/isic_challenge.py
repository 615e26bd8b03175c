"""Ground truth with a column per class: the ISIC challenges of 2017 to 2019, MILK10k, and anybody's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dermdistill.classes import PRESETS, load_classes
from dermdistill.data.sources.columns import NAMES, find_column, has_columns, read_rows
from dermdistill.data.sources.images import images_in, images_in_zip, strip_suffix
from dermdistill.data.sources.known import HAM10000, MILK10K
from dermdistill.data.sources.source import ROW_COLUMNS, About, ImageFile, Source
from dermdistill.errors import DataError
from dermdistill.tables import known, read_table, tables_under


@dataclass(frozen=True)
class Edition:
    """One challenge.

    Attributes:
        layout: its name.
        key: the ground truth's column of what a row is of, an image or a lesion.
        classes: its columns of classes.
        otherwise: the diagnosis of a row with no class marked; empty where there is no such thing.
        about: its name, licence and citation.
    """

    layout: str
    key: str
    classes: Sequence[str]
    about: About
    otherwise: str = ""


_YES = frozenset(("1", "1.0", "true", "t", "yes", "y", "x"))
_MARKS = _YES | {"0", "0.0", "false", "f", "no", "n", ""}
_SEVEN = ("MEL", "NV", "BCC", "BKL", "DF", "VASC")
_ISIC_2019 = About(
    "isic2019",
    "CC BY-NC 4.0",
    "ISIC 2019 challenge: BCN_20000, Hospital Clinic de Barcelona, doi:10.1038/s41597-024-03387-w; "
    "HAM10000, ViDIR Group, Medical University of Vienna, doi:10.1038/sdata.2018.161; MSK, "
    "arXiv:1710.05006, arXiv:1902.03368",
    "dermoscopic",
)
EDITIONS = (
    Edition(
        "isic2017",
        "image_id",
        ("melanoma", "seborrheic_keratosis"),
        # A table with the images' own licences counts before this, the strictest that the archive has.
        About(
            "isic2017",
            "CC BY-NC 4.0 (not verified with its publisher)",
            "Codella et al., ISIC 2017 challenge, arXiv:1710.05006",
            "dermoscopic",
        ),
        otherwise="nevus",
    ),
    Edition("isic2018", "image", (*_SEVEN, "AKIEC"), HAM10000),
    *(Edition("isic2019", "image", (*_SEVEN, "AK", "SCC", *more), _ISIC_2019) for more in (("UNK",), ())),
    Edition("milk10k", "lesion_id", (*_SEVEN, "AKIEC", "BEN_OTH", "INF", "MAL_OTH", "SCCKA"), MILK10K),
)


def read(root: Path) -> Source | None:
    """Read the one ground truth table under `root` with its images; None if there is none.

    Tables that are called so are looked at first.

    Raises:
        DataError: there are several, say of the training and the test split.
    """
    found = [(path, its) for path in tables_under(root) if (its := edition_of(read_table(path)))]
    found = [(path, its) for path, its in found if "groundtruth" in path.stem.lower()] or found
    if len(found) > 1:
        names = ", ".join(path.name for path, _ in found)
        raise DataError(f"{root} has several ground truths ({names}); name one with --metadata.")
    return read_with(root, *found[0]) if found else None


def edition_of(table: pd.DataFrame) -> Edition | None:
    """The challenge whose ground truth a table is, by its columns; None if it is of none."""
    fitting = [edition for edition in EDITIONS if has_columns(table, edition.key, *edition.classes)]
    return max(fitting, key=lambda edition: len(edition.classes), default=None) or _own_edition(table)


def _own_edition(table: pd.DataFrame) -> Edition | None:
    """Of a table of marks whose columns are called by words for classes, whatever classes these are."""
    key = find_column(table, NAMES["image_id"]) or find_column(table, NAMES["lesion_id"])
    if key is None or find_column(table, (*NAMES["diagnosis"], "diagnosis_1", "benign_malignant")):
        return None
    tables = [load_classes(name) for name in PRESETS]
    classes = [
        str(column)
        for column in table.columns
        if any(classes.lookup(str(column)) for classes in tables)
        and table[column].str.lower().isin(_MARKS).all()
    ]
    of_lesion = find_column(table, NAMES["image_id"]) is None
    return (
        Edition("one_hot", "lesion_id" if of_lesion else key, classes, About()) if len(classes) > 1 else None
    )


def read_with(root: Path, ground_truth: Path, edition: Edition) -> Source:
    """Read the images that belong to one ground truth table.

    Lesions, patients, ages and sites come from the other tables under `root`; for MILK10k they also say which
    images a lesion has. Nothing is known of an image that they do not name.

    Raises:
        DataError: the ground truth is of lesions, and no table names their images.
    """
    table = read_table(ground_truth)
    keys = table[find_column(table, [edition.key]) or edition.key].map(strip_suffix)
    diagnoses = dict(zip(keys, _diagnoses(table, edition), strict=True))
    beside = [
        (path, other)
        for path in tables_under(root)
        if path != ground_truth and edition_of(other := read_table(path)) is None
    ]
    if edition.key == "lesion_id":
        rows = _images_of_lesions(ground_truth, beside)
        rows = rows[rows["lesion_id"].isin(diagnoses.keys())].reset_index(drop=True)
        rows["diagnosis"] = rows["lesion_id"].map(diagnoses)
    else:
        rows = pd.DataFrame("", index=table.index, columns=list(ROW_COLUMNS))
        rows["image_id"], rows["diagnosis"] = keys, [diagnoses[key] for key in keys]
        for path, other in beside:
            _add(rows, path, other)
    return Source(edition.layout, root, rows, _images(root, ground_truth.stem), edition.about)


def _diagnoses(table: pd.DataFrame, edition: Edition) -> list[str]:
    """The class marked in each row. A row with several or none has no known class: it is what it says."""
    columns = {
        name.lower(): table[find_column(table, [name]) or name].str.lower() for name in edition.classes
    }
    marked = {
        name: column.isin(_YES) | (pd.to_numeric(column, errors="coerce") > 0.5)
        for name, column in columns.items()
    }
    rows = zip(*marked.values(), strict=True)
    words = ("+".join(sorted(name for name, mark in zip(marked, row, strict=True) if mark)) for row in rows)
    return [word or edition.otherwise for word in words]


def _images_of_lesions(ground_truth: Path, beside: Sequence[tuple[Path, pd.DataFrame]]) -> pd.DataFrame:
    for path, table in beside:
        if find_column(table, NAMES["image_id"]) and has_columns(table, "lesion_id"):
            return read_rows(table, path, required=("image_id", "lesion_id"))
    raise DataError(
        f"{ground_truth} is of lesions, and no table beside it says which images they have; put the Metadata "
        "table there."
    )


def _add(rows: pd.DataFrame, path: Path, table: pd.DataFrame) -> None:
    """Add what a table knows of the same images."""
    if not find_column(table, NAMES["image_id"]):
        return
    told = read_rows(table, path, required=("image_id",))
    told = told[~told["image_id"].duplicated()].set_index("image_id")
    for name in told.columns.difference(["diagnosis"]):
        if (told[name] != "").any():
            rows[name] = known(rows["image_id"].map(told[name]).fillna(rows[name]))


def _images(root: Path, ground_truth: str) -> list[ImageFile]:
    """Images of `..._Training_Input` or `..._Training_Data` for `..._Training_GroundTruth`; else all."""
    stem = ground_truth.partition("_Part3")[0].partition("_GroundTruth")[0]
    for name in (f"{stem}_Input", f"{stem}_Data"):
        if (root / name).is_dir():
            return images_in(root / name, root)
        if (root / f"{name}.zip").is_file():
            return images_in_zip(root / f"{name}.zip", root)
    return images_in(root, root)
