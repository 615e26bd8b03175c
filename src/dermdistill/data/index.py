"""The index of a prepared data set: one row per image, in the order of the pixel cache."""

from pathlib import Path

import pandas as pd

from dermdistill.errors import DataError

# `confirmed_by` (HAM10000's dx_type) tells the label and must never be an input of a model.
COLUMNS = (
    "image_id",
    "lesion_id",
    "diagnosis",
    "age",
    "sex",
    "site",
    "confirmed_by",
    "width",
    "height",
    "source_path",
)


def read_index(path: Path) -> pd.DataFrame:
    """Read index.csv: strings, but age as float years (NaN where unknown), width and height as int pixels.

    Raises:
        DataError: the file cannot be read, a column is missing, or a size is no whole number.
    """
    try:
        index = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as csv ({error}); prepare the data set again.") from error
    if missing := [column for column in COLUMNS if column not in index.columns]:
        raise DataError(f"{path} lacks the column(s) {', '.join(missing)}; prepare the data set again.")
    index["age"] = pd.to_numeric(index["age"], errors="coerce")
    try:
        index[["width", "height"]] = index[["width", "height"]].astype(int)
    except ValueError as error:
        raise DataError(f"{path} has a size that is no whole number; prepare the data set again.") from error
    return index.loc[:, list(COLUMNS)]
