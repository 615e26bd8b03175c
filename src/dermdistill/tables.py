"""Tables as people have them: any of the usual encodings and separators, with a header or without one."""

import csv
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Sequence
from lzma import LZMAError
from pathlib import Path

import pandas as pd

from dermdistill.errors import DataError

# What tables write where they know nothing; compared in lower case, without the signs around it.
_MISSING = frozenset(
    (
        *("", "na", "n/a", "n.a", "n/k", "nan", "nat", "none", "null", "nil", "nd", "n.d", "unk", "unknown"),
        *("missing", "unspecified", "undefined", "not available", "not applicable", "not known"),
        *("not specified", "not recorded", "not reported", "not given", "not stated", "no data"),
        *("unbekannt", "keine angabe", "k.a", "inconnu", "inconnue", "desconocido", "desconhecido"),
        *("sconosciuto", "onbekend", "okänd", "ukendt", "nieznany"),
    )
)
_AROUND = " .?-\u2013\u2014_#*/<>()[]\"'"
SUFFIXES = (".csv", ".tsv", ".tab")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
_LONGEST_CELL = 10_000_000
_SAID = re.compile(r"sep=(.)\s*$", re.IGNORECASE)


def read_table(path: Path, *, header: bool = True) -> pd.DataFrame:
    """Read a table of strings, without the spaces around cells; empty where a cell is empty.

    UTF-8, UTF-16 and, where it is neither, Windows-1252 are understood; comma, semicolon, tab or bar is seen
    from the first line; a file named .gz or .xz is unpacked. Empty cells beyond the last column are no cells.

    Args:
        path: the file.
        header: whether the first line names the columns; otherwise they are named "1", "2" and so on.

    Raises:
        DataError: the file cannot be read as a table; the message names the line.
    """
    try:
        rows = _rows(_text(_unpacked(path)).removeprefix("\ufeff"))
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}); check the path.") from error
    except (ValueError, EOFError, LZMAError, zlib.error, csv.Error) as error:
        raise DataError(f"{path} cannot be read as a table ({error}); give a csv in UTF-8.") from error
    if not rows:
        raise DataError(f"{path} cannot be read as a table (it is empty); give a csv with a header.")
    if header:
        (_, names), *rows = rows
        names = _without_empty_end(names)
    else:
        width = max(len(_without_empty_end(cells)) for _, cells in rows)
        names = [str(number + 1) for number in range(width)]
    if repeated := {name for name in names if name and names.count(name) > 1}:
        raise DataError(f"{path} has two columns called {min(repeated)!r}; give each a name of its own.")
    names = [name or f"column {number}" for number, name in enumerate(names, start=1)]
    return pd.DataFrame([_fitted(path, line, cells, names) for line, cells in rows], columns=names, dtype=str)


def _unpacked(path: Path) -> bytes:
    data = path.read_bytes()
    unpack = {".gz": gzip.decompress, ".xz": lzma.decompress}.get(path.suffix.lower())
    return unpack(data) if unpack else data


def _text(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise
    # Five bytes have no letter in Windows-1252; in ISO 8859-1 every byte has one.
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, each with its number in the file, from 1."""
    if "\0" in text:
        raise ValueError("it holds zero bytes")
    first = next((line for line in text.splitlines() if line.strip()), "")
    if said := _SAID.match(first):  # Excel's own first line, which is no row
        separator, text = said[1], text.replace(first, "", 1)
    else:
        separator = max(",;\t|", key=first.count)  # spreadsheets of half of Europe write ";"
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    rows = ((reader.line_num, [cell.strip() for cell in cells]) for cells in reader)
    return [(line, cells) for line, cells in rows if any(cells)]


def _without_empty_end(cells: Sequence[str]) -> list[str]:
    length = max((place for place, cell in enumerate(cells, start=1) if cell), default=0)
    return list(cells[:length])


def _fitted(path: Path, line: int, cells: Sequence[str], names: Sequence[str]) -> list[str]:
    if any(cells[len(names) :]):
        raise DataError(
            f"{path} has {len(_without_empty_end(cells))} cells in line {line} and {len(names)} columns; put "
            "quotes around a cell that holds the separator."
        )
    return [*cells[: len(names)], *[""] * (len(names) - len(cells))]


def tables_under(root: Path) -> list[Path]:
    """Every csv, tsv and tab file in a folder and the folders in it, sorted by path."""
    found = {*root.glob("*"), *root.glob("*/*")}
    return sorted(
        path for path in found if path.suffix.lower() in SUFFIXES and path.is_file() and path.name[0] != "."
    )


def is_missing(cell: str) -> bool:
    """Whether a cell holds a word for "missing", such as `NA`, `nan`, `None`, `-`, `?` or `unknown`."""
    return cell.lower().strip(_AROUND) in _MISSING


def known(column: "pd.Series[str]") -> "pd.Series[str]":
    """The same cells, empty where they hold a word for "missing"."""
    return column.mask(column.map(is_missing), "")


def known_or(column: "pd.Series[str]", otherwise: "pd.Series[str]") -> "pd.Series[str]":
    """The same cells, and those of another column where they hold a word for "missing"."""
    return column.mask(column.map(is_missing), otherwise)


def numbers(column: "pd.Series[str]") -> "pd.Series[float]":
    """The cells as numbers, also with a decimal comma; NaN for what is none."""
    return pd.to_numeric(column.str.replace(",", ".", regex=False), errors="coerce").astype(float)
