"""Metadata tables: a csv or tab file in, rows in the project's column names out."""

from collections.abc import Mapping, Sequence
from pathlib import Path, PureWindowsPath

import pandas as pd

from dermdistill.data.sources.images import SUFFIXES
from dermdistill.data.sources.source import REQUIRED_COLUMNS, ROW_COLUMNS
from dermdistill.errors import DataError

# HAM10000's names, as published.
HAM10000_COLUMNS = {
    "image_id": "image_id",
    "lesion_id": "lesion_id",
    "diagnosis": "dx",
    "age": "age",
    "sex": "sex",
    "site": "localization",
    "confirmed_by": "dx_type",
}


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of strings; tab, semicolon or comma is seen from the header. Empty where a cell is empty.

    Raises:
        DataError: the file cannot be read as a table.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            separator = max(",;\t", key=file.readline().count)  # spreadsheets of half of Europe write ";"
        return pd.read_csv(path, dtype=str, keep_default_na=False, sep=separator, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read as a table ({error}); give a csv with a header, in UTF-8."
        ) from error


def read_rows(
    path: Path, columns: Mapping[str, str] = HAM10000_COLUMNS, *, required: Sequence[str] = REQUIRED_COLUMNS
) -> pd.DataFrame:
    """Read metadata rows.

    Args:
        path: the table.
        columns: the project's column name to the table's; a column that is absent stays empty,
            unless it is required.
        required: the project's names of the columns that must be there.

    Returns:
        Strings in `ROW_COLUMNS`; image ids without a file suffix, diagnoses in lower case.

    Raises:
        DataError: the file cannot be read, or lacks a required column.
    """
    table = read_table(path)
    absent = [columns.get(name, name) for name in required if columns.get(name, name) not in table]
    if absent:
        raise DataError(
            f"{path} lacks the column(s) {', '.join(absent)} (it has {', '.join(table.columns)}); "
            f"name them with --column, for example --column diagnosis={table.columns[-1]}."
        )
    rows = pd.DataFrame(index=table.index)
    for name in ROW_COLUMNS:
        theirs = columns.get(name, name)
        rows[name] = table[theirs].str.strip() if theirs in table else ""
    rows["image_id"] = rows["image_id"].map(strip_suffix)
    rows["diagnosis"] = rows["diagnosis"].str.lower()
    return rows


def find_metadata(root: Path) -> Path | None:
    """Find the table in `root` with HAM10000's image id and diagnosis columns, `HAM10000_metadata` first."""
    needed = {HAM10000_COLUMNS[name] for name in REQUIRED_COLUMNS}
    named = [root / f"HAM10000_metadata{suffix}" for suffix in (".csv", ".tab", "")]
    for path in [*named, *sorted(root.glob("*.csv")), *sorted(root.glob("*.tab"))]:
        if path.is_file() and needed <= set(read_table(path).columns):
            return path
    return None


def strip_suffix(image_id: str) -> str:
    """Drop a file suffix: tables name an image `ISIC_1` or `ISIC_1.jpg`, or its path, a Windows one, too."""
    name = PureWindowsPath(image_id)
    return name.stem if name.suffix.lower() in SUFFIXES else image_id
