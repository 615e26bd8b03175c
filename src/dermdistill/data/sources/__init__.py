"""The layouts people have their images in; one small adapter each."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dermdistill.classes import ClassTable
from dermdistill.data.sources import atlases, class_folders, ham10000, isic_challenge, mapped
from dermdistill.data.sources.source import PATH_SIGN, About, ImageFile, Source
from dermdistill.errors import DataError
from dermdistill.tables import tables_under

__all__ = ["PATH_SIGN", "About", "ImageFile", "Source", "read_source"]

# The first adapter that knows the folder reads it.
ADAPTERS = (
    ham10000.read_zips,
    ham10000.read_part_folders,
    isic_challenge.read,
    atlases.find_derm7pt,
    atlases.find_ph2,
    mapped.read_found,
)
NO_ABOUT = About()


def read_source(
    root: Path,
    *,
    classes: ClassTable,
    metadata: Path | None = None,
    columns: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    header: bool | None = None,
    about: About = NO_ABOUT,
) -> Source:
    """Read a data set's rows and list its images, by the first layout that fits.

    Args:
        root: the folder with the images.
        classes: the codes that `labels` may give.
        metadata: the table, where none of the layouts fits or several tables are there.
        columns: with `metadata`, the project's column name to the table's, or to its number from 1.
        labels: the data set's name of a diagnosis, in any case, to the project's class code.
        header: with `metadata`, whether its first line names the columns; None finds out.
        about: what a person says of the data set; it counts before what the layout knows.

    Raises:
        DataError: no folder, no known layout, a table that cannot be read, or a wrong mapping.
    """
    if not root.is_dir():
        raise DataError(f"{root} is not a folder; give the folder that holds the images and the metadata.")
    if (columns or header is not None) and metadata is None:
        option = "--column" if columns else "--no-header"
        raise DataError(f"{option} needs --metadata, the table whose columns it names.")
    if unknown := sorted(set((labels or {}).values()) - set(classes.codes)):
        raise DataError(
            f"--label gives the unknown class {unknown[0]!r}; the classes are {', '.join(classes.codes)}."
        )
    source = mapped.read(root, metadata, columns or {}, header=header) if metadata else _by_layout(root)
    renamed = {name.strip().lower(): code for name, code in (labels or {}).items()}
    diagnoses = [_relabelled(diagnosis, renamed) for diagnosis in source.rows["diagnosis"]]
    return replace(
        source, rows=source.rows.assign(diagnosis=diagnoses), about=_merged(source.about, about, root)
    )


def _by_layout(root: Path) -> Source:
    for adapter in ADAPTERS:
        if (source := adapter(root)) is not None:
            return source
    if tables := tables_under(root):
        raise DataError(
            f"{root} has no layout that is known; name its table with --metadata and --column (it has "
            f"{', '.join(path.name for path in tables[:3])}). If folders are named after diagnoses, take it "
            "away."
        )
    if (source := class_folders.read(root)) is not None:
        return source
    raise DataError(
        f"{root} has no layout that is known: it has no table of image ids and diagnoses, and no folders "
        "named after diagnoses. Put a csv with a header there, or name one with --metadata and --column."
    )


def _relabelled(diagnosis: str, renamed: Mapping[str, str]) -> str:
    """A code for the whole diagnosis or the most special of its levels that has one; else as it is."""
    levels = [diagnosis, *reversed(diagnosis.split(PATH_SIGN))]
    return next((renamed[level] for level in levels if level in renamed), diagnosis)


def _merged(found: About, said: About, root: Path) -> About:
    return About(
        name=said.name or found.name or root.resolve().name,
        licence=said.licence or found.licence,
        citation=said.citation or found.citation,
        picture=said.picture or found.picture,
    )
