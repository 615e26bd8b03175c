"""HAM10000 as Kaggle gives it: folders `HAM10000_images_part_1`, `_2` and `HAM10000_metadata.csv`."""

from pathlib import Path

from dermdistill.data.sources.folder import images_in
from dermdistill.data.sources.metadata import find_metadata, read_rows
from dermdistill.data.sources.source import Source

PART = "ham10000_images_part_"


def read(root: Path) -> Source | None:
    """Read the part folders and the metadata; None if either is not there."""
    metadata = find_metadata(root)
    folders = part_folders(root)
    if metadata is None or not folders:
        return None
    images = [image for folder in folders.values() for image in images_in(folder, root)]
    return Source("kaggle", root, read_rows(metadata), images)


def part_folders(root: Path) -> dict[str, Path]:
    """Find the part folders by their name in lower case; Kaggle's archive holds each of them in two cases."""
    folders: dict[str, Path] = {}
    for path in sorted(root.iterdir()):
        if path.is_dir() and path.name.lower().startswith(PART):
            folders.setdefault(path.name.lower(), path)
    return folders
