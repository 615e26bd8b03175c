"""HAM10000 as Kaggle, Harvard Dataverse and a plain folder of images hold it."""

from pathlib import Path

from dermdistill.data.sources.images import images_in, images_in_zip
from dermdistill.data.sources.metadata import find_metadata, read_rows
from dermdistill.data.sources.source import Source

PART = "ham10000_images_part_"


def read_part_folders(root: Path) -> Source | None:
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


def read_images_folder(root: Path) -> Source | None:
    """Read `root/images/` (or the images in `root` itself) and the metadata csv; None if it is not there."""
    metadata = find_metadata(root)
    if metadata is None:
        return None
    folder = root / "images" if (root / "images").is_dir() else root
    return Source("flat", root, read_rows(metadata), images_in(folder, root))


def read_zips(root: Path) -> Source | None:
    """Read the image zips and the metadata; None if either is not there.

    Of HAM10000 only the two part zips are read, not the segmentations beside them, and a part that is
    unpacked too is read from its folder. Without part zips, every zip is read but those of segmentations.
    """
    metadata = find_metadata(root)
    zips = {path.stem.lower(): path for path in sorted(root.glob("*.zip"))}
    parts = {stem: path for stem, path in zips.items() if stem.startswith(PART)}
    chosen = parts or {stem: path for stem, path in zips.items() if "segmentation" not in stem}
    folders = part_folders(root)
    if metadata is None or not chosen.keys() - folders.keys():
        return None
    images = []
    for stem in sorted(chosen.keys() | folders.keys()):
        folder = folders.get(stem)
        images += images_in(folder, root) if folder else images_in_zip(chosen[stem], root)
    return Source("dataverse", root, read_rows(metadata), images)
