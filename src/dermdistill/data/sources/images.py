"""Image files in folders and zips."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath

from dermdistill.data.sources.source import ImageFile
from dermdistill.errors import DataError
from dermdistill.imaging.suffixes import IMAGE_SUFFIXES

_MASK_ENDS = ("_segmentation", "_mask")


def is_image_name(name: str) -> bool:
    """Whether a file name is that of a photograph: not a hidden file and not a segmentation mask."""
    path = Path(name)
    return (
        path.suffix.lower() in IMAGE_SUFFIXES
        and not path.name.startswith(".")
        and not path.stem.lower().endswith(_MASK_ENDS)
    )


def strip_suffix(image_id: str) -> str:
    """Drop a file suffix: tables name an image `ISIC_1` or `ISIC_1.jpg`, or its path, a Windows one, too."""
    name = PureWindowsPath(image_id)
    return name.stem if name.suffix.lower() in IMAGE_SUFFIXES else image_id


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
        DataError: the file is not a zip, or is cut off.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} is not a whole zip file ({error}); download it again.") from error
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


def images_under(root: Path) -> list[ImageFile]:
    """List the images of a data set: those in `root/images`, else all in `root`, else those in its zips."""
    folder = root / "images"
    if found := images_in(folder if folder.is_dir() else root, root):
        return found
    zips = [path for path in sorted(root.rglob("*.zip")) if "segmentation" not in path.stem.lower()]
    return [image for path in zips for image in images_in_zip(path, root)]


def named_by_path(names: Sequence[str], images: Sequence[ImageFile]) -> tuple[list[str], list[ImageFile]]:
    r"""Tell images apart that have one name in several folders, where a table names them by path.

    Args:
        names: an image's name or path for each row, with `/` or `\\` between parts, in any case.
        images: the image files.

    Returns:
        The rows' image ids and the images under these. The id is the file's stem, or, where two of the rows'
        paths end alike, the path with `_` between its parts.
    """
    paths = [PureWindowsPath(name) for name in names]
    stems = {path: path.stem for path in paths}
    if not any(len(path.parts) > 1 for path in paths):
        return [strip_suffix(name) for name in names], list(images)
    counts = Counter(stem.casefold() for stem in stems.values())
    ids = {
        path.as_posix().casefold(): stem
        if counts[stem.casefold()] == 1
        else "_".join((*path.parent.parts, stem))
        for path, stem in stems.items()
    }
    renamed = []
    for image in images:
        parts = image.source_path.casefold().split("/")
        tails = ("/".join(parts[start:]) for start in range(len(parts)))
        found = next((ids[tail] for tail in tails if tail in ids), image.image_id)
        renamed.append(replace(image, image_id=found))
    return [ids[path.as_posix().casefold()] for path in paths], renamed
