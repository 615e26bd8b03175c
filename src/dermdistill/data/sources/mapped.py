"""Any one table of images: a published one, or one whose columns have usual names or are named by option."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from dermdistill.data.sources import atlases, isic_challenge
from dermdistill.data.sources.columns import NAMES, blank_columns, find_column, read_rows
from dermdistill.data.sources.images import images_in, images_in_zip, images_under, named_by_path
from dermdistill.data.sources.known import known_table
from dermdistill.data.sources.source import About, ImageFile, Source
from dermdistill.errors import DataError
from dermdistill.tables import read_table, tables_under


def read_found(root: Path) -> Source | None:
    """Read the one table in `root` that has images and diagnoses, by name or by usual columns, else None.

    Raises:
        DataError: several tables have.
    """
    tables = {path: read_table(path) for path in tables_under(root) if path.parent == root}
    published = [path for path, table in tables.items() if known_table(table)]
    found = published or [path for path, table in tables.items() if _has_both(table)]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise DataError(f"{root} has several tables of images ({names}); name one with --metadata.")
    if not found:
        return _read_headerless(root, tables)
    return _source(root, found[0], tables[found[0]], {}, images_under(root), layout="table")


def _read_headerless(root: Path, tables: Mapping[Path, pd.DataFrame]) -> Source | None:
    """Read the one table whose first line is no header but names an image, else None."""
    images = images_under(root) if tables else []
    found = [path for path, table in tables.items() if _is_headerless(table, images)]
    return read(root, found[0], {}, header=None) if len(found) == 1 else None


def read(root: Path, metadata: Path, columns: Mapping[str, str], *, header: bool | None) -> Source:
    """Read `metadata` and every image under `root`, unpacked or in zips.

    Args:
        root: the folder with the images, at any depth.
        metadata: the table; one with a column per class is read as a ground truth.
        columns: the project's column name to the table's, or to its number from 1.
        header: whether the table's first line names the columns; None finds out.

    Raises:
        DataError: a column is unknown to the project or absent from the table.
    """
    if unknown := sorted(set(columns) - set(NAMES)):
        raise DataError(f"--column {unknown[0]} is unknown; the columns are {', '.join(NAMES)}.")
    table = read_table(metadata, header=header is not False)
    if not columns and header is not False:
        if edition := isic_challenge.edition_of(table):
            return isic_challenge.read_with(root, metadata, edition)
        if atlases.is_derm7pt(table):
            return atlases.read_derm7pt(root, metadata, table)
    images = images_in(root, root)
    for path in sorted(root.rglob("*.zip")):
        images += images_in_zip(path, root)
    notes = []
    if header is None and _is_headerless(table, images):
        table, header = read_table(metadata, header=False), False
        notes = [
            f"{metadata.name} has no header: its first line names an image, so its columns are 1, 2, ..."
        ]
    if header is False:
        columns = _by_content(table, images, columns)
    source = _source(root, metadata, table, columns, images, layout="mapped")
    return replace(source, notes=[*notes, *source.notes])


def _source(
    root: Path,
    path: Path,
    table: pd.DataFrame,
    columns: Mapping[str, str],
    images: Sequence[ImageFile],
    *,
    layout: str,
) -> Source:
    rows = read_rows(table, path, columns)
    theirs = columns.get("image_id") or find_column(table, NAMES["image_id"]) or ""
    if theirs in table:
        rows["image_id"], images = named_by_path(table[theirs].tolist(), images)
    published = None if columns else known_table(table)
    if published and published.per_patient:
        both = (rows["lesion_id"] != "") & (rows["patient_id"] != "")
        rows["lesion_id"] = rows["lesion_id"].mask(both, rows["patient_id"] + "_" + rows["lesion_id"])
    return Source(
        published.layout if published else layout,
        root,
        rows,
        list(images),
        published.about if published else About(),
        blank_columns(table, path, columns),
    )


def _has_both(table: pd.DataFrame) -> bool:
    diagnosis = (*NAMES["diagnosis"], "diagnosis_1", "benign_malignant")
    return bool(find_column(table, NAMES["image_id"]) and find_column(table, diagnosis))


def _is_headerless(table: pd.DataFrame, images: Sequence[ImageFile]) -> bool:
    """Whether what was read as the header names an image."""
    ids = {image.image_id for image in images}
    named, _ = named_by_path([str(name) for name in table.columns], images)
    return not ids.isdisjoint(named)


def _by_content(
    table: pd.DataFrame, images: Sequence[ImageFile], columns: Mapping[str, str]
) -> Mapping[str, str]:
    """Complete the columns of a table without a header: one names the images, the other of two diagnoses."""
    ids = {image.image_id for image in images}
    chosen = dict(columns)
    if "image_id" not in chosen:
        found = [
            name
            for name in table.columns
            if not ids.isdisjoint(named_by_path(table[name].tolist(), images)[0])
        ]
        chosen |= {"image_id": found[0]} if found else {}
    if "diagnosis" not in chosen and len(table.columns) == 2 and "image_id" in chosen:
        chosen["diagnosis"] = next(name for name in table.columns if name != chosen["image_id"])
    return chosen
