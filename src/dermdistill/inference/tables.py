"""Rows to a file, by its suffix: .csv, .jsonl or .parquet. It appears whole at the end, or not at all."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dermdistill.errors import DataError
from dermdistill.inference.batch import COLUMNS, Row

_ROWS_A_GROUP = 5000
Write = Callable[[Row], None]


@contextmanager
def _csv(path: Path) -> Iterator[Write]:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        yield lambda row: writer.writerow(row.cells())


@contextmanager
def _jsonl(path: Path) -> Iterator[Write]:
    with path.open("w", encoding="utf-8") as file:
        yield lambda row: print(json.dumps(row.cells(), ensure_ascii=False), file=file)


@contextmanager
def _parquet(path: Path) -> Iterator[Write]:
    import pyarrow as pa  # noqa: PLC0415 - 60 MB and .2 s that csv does not need
    from pyarrow import parquet  # noqa: PLC0415

    schema = pa.schema([(name, pa.float64() if name.startswith("p_") else pa.string()) for name in COLUMNS])
    rows: list[dict[str, str | float | None]] = []
    with parquet.ParquetWriter(path, schema) as file:

        def write(row: Row) -> None:
            rows.append(row.cells())
            if len(rows) == _ROWS_A_GROUP:
                flush()

        def flush() -> None:
            file.write_table(pa.Table.from_pylist(rows, schema))
            rows.clear()

        yield write
        flush()


_FORMATS = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet}


def check_table_path(path: Path) -> None:
    """Refuse an unusable output path before any work is done.

    Raises:
        DataError: its suffix is unknown, or its folder is missing or cannot be written to.
    """
    if path.suffix.lower() not in _FORMATS:
        raise DataError(f"{path} has no known suffix; use one of {', '.join(_FORMATS)}.")
    if not path.parent.is_dir():
        raise DataError(f"The folder {path.parent} does not exist; make it first.")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise DataError(f"{path} cannot be written; give another file name.")


@contextmanager
def open_table(path: Path) -> Iterator[Write]:
    """Open a table for writing: a temporary file beside `path`, moved to `path` when all went well.

    Raises:
        DataError: see `check_table_path`; or the disk is full.
    """
    check_table_path(path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with _FORMATS[path.suffix.lower()](partial) as write:
            yield write
        partial.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        partial.unlink(missing_ok=True)
