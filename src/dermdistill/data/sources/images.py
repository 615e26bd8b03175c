"""Image files in folders and zips."""

import zipfile
import zlib
from functools import partial
from pathlib import Path, PurePosixPath

from dermdistill.data.sources.source import ImageFile
from dermdistill.errors import DataError

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


def images_in_zip(path: Path, root: Path) -> list[ImageFile]:
    """List the image files in a zip; their paths read `part.zip/folder/name.jpg`. Safe to read from threads.

    Raises:
        DataError: the file is no zip, or is cut off.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is no whole zip file ({error}); download it again.") from error
    prefix = path.relative_to(root).as_posix()
    return [
        ImageFile(
            PurePosixPath(entry.filename).stem,
            f"{prefix}/{entry.filename}",
            f"{entry.file_size}:{entry.CRC:08x}",
            partial(_read, archive, entry),
        )
        for entry in sorted(archive.infolist(), key=lambda entry: entry.filename)
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX/") and is_image_name(entry.filename)
    ]


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        raise OSError(f"{entry.filename} in the zip is damaged ({error}).") from error
