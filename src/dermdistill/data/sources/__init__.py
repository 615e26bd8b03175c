"""The layouts people have their images in; one small adapter each."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dermdistill.data.sources import ham10000, isic_challenge, mapped
from dermdistill.data.sources.source import ImageFile, Source
from dermdistill.errors import DataError
from dermdistill.taxonomy import CLASSES

__all__ = ["ImageFile", "Source", "read_source"]

# The first adapter that knows the folder reads it.
ADAPTERS = (
    ham10000.read_zips,
    ham10000.read_part_folders,
    isic_challenge.read,
    ham10000.read_images_folder,
)


def read_source(
    root: Path,
    *,
    metadata: Path | None = None,
    columns: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Source:
    """Read a data set's rows and list its images, by the first layout that fits.

    Args:
        root: the folder with the images.
        metadata: the table, where none of the layouts fits or several tables are there.
        columns: with `metadata`, the project's column name to the table's.
        labels: the data set's name of a diagnosis, in any case, to the project's class code.

    Raises:
        DataError: no folder, no known layout, a table that cannot be read, or a wrong mapping.
    """
    if not root.is_dir():
        raise DataError(f"{root} is no folder; give the folder that holds the images and the metadata.")
    if columns and metadata is None:
        raise DataError("--column needs --metadata, the table whose columns it names.")
    if unknown := sorted(set((labels or {}).values()) - set(CLASSES)):
        raise DataError(
            f"--label gives the unknown class {unknown[0]!r}; the classes are {', '.join(CLASSES)}."
        )
    source = mapped.read(root, metadata, columns or {}) if metadata else _by_layout(root)
    renamed = {name.strip().lower(): code for name, code in (labels or {}).items()}
    return replace(source, rows=source.rows.assign(diagnosis=source.rows["diagnosis"].replace(renamed)))


def _by_layout(root: Path) -> Source:
    for adapter in ADAPTERS:
        if (source := adapter(root)) is not None:
            return source
    raise DataError(
        f"{root} has no layout that is known (Kaggle, Dataverse zips, ISIC 2018 Task 3, ISIC 2019, images "
        "with a HAM10000_metadata.csv); name its table with --metadata and --column."
    )
