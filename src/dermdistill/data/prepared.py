"""A prepared data set on disk: `images.npy`, `index.csv`, `prepare.json`; read without loading the pixels."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import ClassTable
from dermdistill.errors import DataError

IMAGES, INDEX, REPORT = "images.npy", "index.csv", "prepare.json"
VERSION = 2


class Images(Protocol):
    """Images as an array has them: RGB uint8 `[n, size, size, 3]`, one by its number or several by theirs."""

    @property
    def shape(self) -> tuple[int, ...]:
        """`(n, size, size, 3)`."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[NDArray[np.uint8]]: ...
    def __getitem__(self, rows: Any, /) -> NDArray[np.uint8]: ...


@dataclass(frozen=True)
class Prepared:
    """A prepared data set.

    Attributes:
        images: uint8 RGB `[n, size, size, 3]`, 0-255, memory-mapped, read-only; of several sources, as one.
        index: one row per image, in the same order; columns as `COLUMNS`.
        fingerprint: SHA-256 over the index file and the SHA-256 of each image's pixels.
        classes: what its diagnoses are of.
    """

    images: Images
    index: pd.DataFrame
    fingerprint: str
    classes: ClassTable

    def __len__(self) -> int:
        """Number of images."""
        return len(self.index)


def load_prepared(directory: Path) -> Prepared:
    """Open the data set that `dermdistill data prepare` wrote to `directory`.

    Raises:
        DataError: a file is missing or damaged, the files do not belong together, or the labels of all images
            are contradicted by others of the same pixels.
    """
    report = read_report(directory)
    if report is None or not (directory / IMAGES).is_file() or not (directory / INDEX).is_file():
        raise DataError(f"{directory} holds no prepared data set; run `dermdistill data prepare` into it.")
    if report.get("version") != VERSION:
        raise DataError(f"{directory} was prepared by another version; run `dermdistill data prepare` again.")
    if "fingerprint" not in report:
        raise DataError(f"{directory / REPORT} has no fingerprint; run `dermdistill data prepare` again.")
    if any(problem.get("kind") == "only_contradicted" for problem in report.get("problems") or ()):
        raise DataError(
            f"{directory} has only pictures that their source gives several diagnoses; nothing can be "
            "learned from them or measured on them. Correct the labels and prepare it again."
        )
    index = read_index(directory / INDEX)
    try:
        images = np.lib.format.open_memmap(directory / IMAGES, mode="r")
    except (OSError, ValueError) as error:
        raise DataError(f"{directory / IMAGES} is damaged ({error}); prepare the data set again.") from error
    if images.ndim != 4 or images.dtype != np.uint8 or len(images) != len(index):
        raise DataError(f"{directory} has an index that does not fit its images; prepare it again.")
    try:
        classes = ClassTable.from_dict(report.get("classes"))
    except DataError as error:
        raise DataError(
            f"{directory / REPORT} names no classes ({error}); prepare the data set again."
        ) from error
    return Prepared(images, index, str(report["fingerprint"]), classes)


def read_report(directory: Path) -> dict[str, Any] | None:
    """Read prepare.json; None when there is none or it is not a report."""
    try:
        report = json.loads((directory / REPORT).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return report if isinstance(report, dict) else None


def source_name(directory: Path) -> str:
    """What a prepared data set is called.

    Raises:
        DataError: there is none.
    """
    report = read_report(directory)
    if report is None or not report.get("source"):
        raise DataError(f"{directory} holds no prepared data set; run `dermdistill data prepare` into it.")
    return str(report["source"])


COLUMNS = (
    "image_id",
    "lesion_id",
    "group_id",
    "diagnosis",
    "picture",
    "source",
    "age",
    "sex",
    "site",
    "skin_tone",
    "licence",
    "linked_lesion",
    "confirmed_by",
    "width",
    "height",
    "source_path",
)


def read_index(path: Path) -> pd.DataFrame:
    """Read index.csv: strings, but age as float years (NaN where unknown), width and height as int pixels.

    Raises:
        DataError: the file cannot be read, a column is missing, or a size is not a whole number.
    """
    try:
        index = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as csv ({error}); prepare the data set again.") from error
    if missing := [column for column in COLUMNS if column not in index.columns]:
        raise DataError(f"{path} lacks the column(s) {', '.join(missing)}; prepare the data set again.")
    index["age"] = pd.to_numeric(index["age"], errors="coerce")
    try:
        index[["width", "height"]] = index[["width", "height"]].astype(int)
    except ValueError as error:
        raise DataError(f"{path} has a size that is not a whole number; prepare it again.") from error
    return index.loc[:, list(COLUMNS)]
