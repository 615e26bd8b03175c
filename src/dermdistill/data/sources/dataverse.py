"""Data as Harvard Dataverse gives it: zips of images, not unpacked, beside a metadata table (csv or tab)."""

from pathlib import Path

from dermdistill.data.sources.archive import images_in_zip
from dermdistill.data.sources.folder import images_in
from dermdistill.data.sources.kaggle import PART, part_folders
from dermdistill.data.sources.metadata import find_metadata, read_rows
from dermdistill.data.sources.source import Source


def read(root: Path) -> Source | None:
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
