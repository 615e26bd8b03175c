"""A folder of images with `HAM10000_metadata.csv`, or another csv that has its columns, beside it."""

from pathlib import Path

from dermdistill.data.sources.folder import images_in
from dermdistill.data.sources.metadata import find_metadata, read_rows
from dermdistill.data.sources.source import Source


def read(root: Path) -> Source | None:
    """Read `root/images/` (or the images in `root` itself) and the metadata csv; None if it is not there."""
    metadata = find_metadata(root)
    if metadata is None:
        return None
    folder = root / "images" if (root / "images").is_dir() else root
    return Source("flat", root, read_rows(metadata), images_in(folder, root))
