"""Rows to a file, by its suffix: .csv, .jsonl or .parquet, a few at a time."""

import csv
import json
import os
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dermdistill.errors import DataError
from dermdistill.inference.batch.files import ASSESSMENT_COLUMNS, Cells, columns, probability_columns

if TYPE_CHECKING:
    import pyarrow

_ROWS_A_GROUP = 5000
# Also as East Asian keyboards write them; some programs leave out space before them.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CELL_ENDS = ("\t", "\r", "\n")


def _csv(path: Path, rows: Iterable[Cells], codes: Sequence[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns(codes), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)


def _harmless(cell: str | float | None) -> str | float | None:
    """A text that a spreadsheet would run as a formula, behind an apostrophe, as OWASP advises."""
    if isinstance(cell, str) and (cell.startswith(_CELL_ENDS) or cell.lstrip().startswith(_FORMULA)):
        return f"'{cell}"
    return cell


def _jsonl(path: Path, rows: Iterable[Cells], codes: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _parquet(path: Path, rows: Iterable[Cells], codes: Sequence[str]) -> None:
    from pyarrow import parquet  # noqa: PLC0415 - 60 MB and .2 s that csv does not need

    remaining = iter(rows)
    with parquet.ParquetWriter(path, arrow_table((), codes).schema) as file:
        while group := list(islice(remaining, _ROWS_A_GROUP)):
            file.write_table(arrow_table(group, codes))


def arrow_table(rows: Iterable[Cells], codes: Sequence[str]) -> "pyarrow.Table":
    """Rows of `columns(codes)` as a table of pyarrow; numbers are float64, all else is text."""
    import pyarrow as pa  # noqa: PLC0415 - see above

    numbers = (ASSESSMENT_COLUMNS[2], *probability_columns(codes))
    schema = pa.schema([(name, pa.float64() if name in numbers else pa.string()) for name in columns(codes)])
    return pa.Table.from_pylist(list(rows), schema)


_FORMATS = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}


def check_table_path(path: Path) -> None:
    """Refuse an unusable output path before any work is done.

    Raises:
        DataError: its suffix is unknown, or its folder is missing or cannot be written to. For a link, this
        is the folder that it leads to.
    """
    if path.suffix.lower() not in _FORMATS:
        raise DataError(f"{path} has no known suffix; use one of {', '.join(_FORMATS)}.")
    try:
        folder = behind_link(path).parent
        if not folder.is_dir():
            raise DataError(f"The folder {folder} does not exist; make it first.")
        if path.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise DataError(f"{path} cannot be written; give another file name.")
    except PermissionError as error:  # before Python 3.14, where a folder on the way may not be entered
        raise DataError(f"{path} cannot be written ({error.strerror}); give another file name.") from error


def behind_link(path: Path) -> Path:
    """Return what a link leads to, there or not; any other path unchanged."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def write_table(path: Path, rows: Iterable[Cells], codes: Sequence[str], *, suffix: str) -> None:
    """Write rows of `columns(codes)` to `path` in the format of `suffix`, a parquet row group at a time.

    When it returns, the bytes are on the disk, so that `path` can be moved to its final name.
    """
    _FORMATS[suffix.lower()](path, rows, codes)
    with path.open("rb+") as file:
        os.fsync(file.fileno())
