"""HAM10000 as Kaggle and Harvard Dataverse hold it."""

from pathlib import Path

import pandas as pd

from dermdistill.data.sources.columns import has_columns, read_rows
from dermdistill.data.sources.images import images_in, images_in_zip
from dermdistill.data.sources.known import HAM10000
from dermdistill.data.sources.source import About, ImageFile, Source
from dermdistill.tables import read_table, tables_under

PART = "ham10000_images_part_"


def read_part_folders(root: Path) -> Source | None:
    """Read the part folders and the metadata; None if either is not there."""
    folders = part_folders(root)
    images = [image for folder in folders.values() for image in images_in(folder, root)]
    return _source("kaggle", root, images) if folders else None


def part_folders(root: Path) -> dict[str, Path]:
    """Find the part folders by their name in lower case; Kaggle's archive holds each of them in two cases."""
    folders: dict[str, Path] = {}
    for path in sorted(root.iterdir()):
        if path.is_dir() and path.name.lower().startswith(PART):
            folders.setdefault(path.name.lower(), path)
    return folders


def read_zips(root: Path) -> Source | None:
    """Read the image zips and the metadata; None if either is not there.

    Of HAM10000 only the two zips of images are read, not the segmentations beside them. A zip that is
    unpacked too is read from its folder.
    """
    zips = {path.stem.lower(): path for path in sorted(root.glob("*.zip"))}
    parts = {stem: path for stem, path in zips.items() if stem.startswith(PART)}
    folders = part_folders(root)
    if not parts.keys() - folders.keys():
        return None
    images = []
    for stem in sorted(parts.keys() | folders.keys()):
        folder = folders.get(stem)
        images += images_in(folder, root) if folder else images_in_zip(parts[stem], root)
    return _source("dataverse", root, images)


def _source(layout: str, root: Path, images: list[ImageFile]) -> Source | None:
    """The images with the table that has HAM10000's columns, that of its own name first; None without one."""
    tables = [path for path in tables_under(root) if path.parent == root]
    tables.sort(key=lambda path: path.stem.lower() != "ham10000_metadata")
    for path in tables:
        if has_columns(table := read_table(path), "image_id", "dx"):
            return Source(layout, root, read_rows(table, path), images, _about(table))
    return None


def _about(table: pd.DataFrame) -> About:
    return HAM10000 if has_columns(table, "lesion_id") else About()
