"""Any table of images: the person names the table, and its columns where they differ from the project's."""

from collections.abc import Mapping
from pathlib import Path

from dermdistill.data.sources import isic_challenge
from dermdistill.data.sources.images import images_in, images_in_zip
from dermdistill.data.sources.metadata import HAM10000_COLUMNS, read_rows, read_table
from dermdistill.data.sources.source import ROW_COLUMNS, Source
from dermdistill.errors import DataError


def read(root: Path, metadata: Path, columns: Mapping[str, str]) -> Source:
    """Read `metadata` and every image under `root`, unpacked or in zips.

    Args:
        root: the folder with the images, at any depth.
        metadata: a csv or tab file; one with a column per class is read as an ISIC ground truth.
        columns: the project's column name to the table's. A column that is not named is looked for under
            the project's own name, then under HAM10000's.

    Raises:
        DataError: a column is unknown to the project or absent from the table.
    """
    if unknown := sorted(set(columns) - set(ROW_COLUMNS)):
        raise DataError(f"--column {unknown[0]} is unknown; the columns are {', '.join(ROW_COLUMNS)}.")
    table = read_table(metadata)
    if not columns and (name := isic_challenge.edition(table)):
        return isic_challenge.read_with(root, metadata, name)
    if absent := sorted(set(columns.values()) - set(table.columns)):
        raise DataError(f"{metadata} has no column {absent[0]!r}; it has {', '.join(table.columns)}.")
    defaults = {name: name if name in table else HAM10000_COLUMNS[name] for name in ROW_COLUMNS}
    images = images_in(root, root)
    for path in sorted(root.rglob("*.zip")):
        images += images_in_zip(path, root)
    return Source("mapped", root, read_rows(metadata, {**defaults, **columns}), images)
