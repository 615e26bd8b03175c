"""A folder of images with `HAM10000_metadata.csv`, or another single csv that has its columns, beside it."""

from pathlib import Path

from dermdistill.data.sources.folder import images_in
from dermdistill.data.sources.metadata import HAM10000_COLUMNS, read_rows, read_table
from dermdistill.data.sources.source import Source


def read(root: Path) -> Source | None:
    """Read `root/images/` (or the images in `root` itself) and the metadata csv; None if it is not there."""
    metadata = find_metadata(root)
    if metadata is None:
        return None
    folder = root / "images" if (root / "images").is_dir() else root
    return Source("flat", root, read_rows(metadata), images_in(folder, root))


def find_metadata(root: Path) -> Path | None:
    """Find the one table in `root` with HAM10000's image id and diagnosis columns."""
    named = [root / f"HAM10000_metadata{suffix}" for suffix in (".csv", ".tab", "")]
    for path in [*named, *sorted(root.glob("*.csv"))]:
        if path.is_file() and {HAM10000_COLUMNS["image_id"], HAM10000_COLUMNS["diagnosis"]} <= set(
            read_table(path).columns
        ):
            return path
    return None
