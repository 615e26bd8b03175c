"""Image files in a folder."""

from pathlib import Path

from dermdistill.data.sources.source import ImageFile

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".tif", ".tiff", ".webp"})


def is_image_name(name: str) -> bool:
    """Whether a file name is that of a photograph: not a hidden file and not a segmentation mask."""
    path = Path(name)
    return (
        path.suffix.lower() in SUFFIXES
        and not path.name.startswith(".")
        and not path.stem.endswith("_segmentation")
    )


def images_in(folder: Path, root: Path) -> list[ImageFile]:
    """List the image files under `folder`, at any depth, with paths relative to `root`, sorted by path."""
    found = []
    for path in sorted(folder.rglob("*")):
        if is_image_name(path.name) and path.is_file():
            status = path.stat()
            stamp = f"{status.st_size}:{status.st_mtime_ns}"
            # A name need not be valid Unicode; what is not is written as an escape.
            source = path.relative_to(root).as_posix().encode(errors="backslashreplace").decode()
            found.append(ImageFile(path.stem, source, stamp, path.read_bytes))
    return found
