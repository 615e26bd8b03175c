"""What to answer, cut into shards: some files, a tar file, or a row group of a parquet file."""

import glob
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pyarrow import parquet

from dermdistill.cluster.store import file_system, is_address, reached
from dermdistill.errors import DataError
from dermdistill.imaging.suffixes import IMAGE_SUFFIXES
from dermdistill.inference.batch.files import nothing_found, walk_images

BYTES_COLUMNS = ("bytes", "image", "image_bytes")
ID_COLUMNS = ("image_id", "path")
_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Shard:
    """What becomes one part of the table.

    Attributes:
        kind: `files` are pictures; `tar` and `parquet` hold some.
        names: paths and addresses; of a tar or parquet file, its own alone.
        stamps: tells each from a changed one of the same name.
        row_group: of a parquet file.
    """

    kind: Literal["files", "tar", "parquet"]
    names: tuple[str, ...]
    stamps: tuple[str, ...]
    row_group: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of all that it is, in hex."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()


def find_shards(names: Iterable[str], images_per_part: int) -> list[Shard]:
    """Cut what is named into shards, always alike.

    Args:
        names: files, folders, patterns such as `shards/*.tar`, and addresses of these; a folder is searched
            for pictures as by `walk_images`, tar and parquet files are named or match a pattern.
        images_per_part: pictures in a shard of files.

    Raises:
        DataError: something is not there or may not be read, or nothing was found.
    """
    names = list(names)
    found = dict(pair for name in names for pair in _files_of(name))
    loose = [pair for pair in found.items() if _suffix(pair[0]) not in _SHARDS]
    shards = []
    for start in range(0, len(loose), images_per_part):
        some = loose[start : start + images_per_part]
        shards.append(Shard("files", tuple(name for name, _ in some), tuple(stamp for _, stamp in some)))
    for name, stamp in found.items():
        if shard_of := _SHARDS.get(_suffix(name)):
            shards += shard_of(name, stamp)
    if not shards:
        raise nothing_found(map(Path, names))
    return shards


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _files_of(name: str) -> list[tuple[str, str]]:
    """Each file that is meant, with its stamp; sorted within a folder or a pattern."""
    if is_address(name):
        return sorted(_addresses_of(name))
    if _GLOB & set(name) and not os.path.lexists(name):
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - `**` and `/` as a shell has them
        return [pair for match in matches for pair in _files_of(match)]
    files = sorted(map(str, walk_images(Path(name))), key=lambda path: path.replace(os.sep, "\0"))
    return [(file, _stamp_of_file(file)) for file in files]


def _stamp_of_file(path: str) -> str:
    try:
        status = os.stat(path)  # noqa: PTH116 - a million Path objects take as long again
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns}"


def _addresses_of(name: str) -> Iterator[tuple[str, str]]:
    system, path = file_system(name)
    with reached(name):
        if _GLOB & set(path):
            found = system.glob(path, detail=True)
        elif _suffix(path) in IMAGE_SUFFIXES or _suffix(path) in _SHARDS:
            found = {path: system.info(path)}
        else:
            found = system.find(path, detail=True)
            found = {each: info for each, info in found.items() if _is_picture(each.removeprefix(path))}
            if not found:
                system.info(path)
    for each, info in found.items():
        if info.get("type") != "directory":
            yield str(system.unstrip_protocol(each)), _stamp_of_info(info)


def _is_picture(path: str) -> bool:
    hidden = any(part.startswith(".") for part in PurePosixPath(path).parts)
    return not hidden and _suffix(path) in IMAGE_SUFFIXES


def _stamp_of_info(info: dict[str, Any]) -> str:
    known = (info.get(key) for key in ("size", "ETag", "etag", "LastModified", "updated", "mtime"))
    return " ".join(str(value) for value in known if value is not None)


def _tar(name: str, stamp: str) -> list[Shard]:
    return [Shard("tar", (name,), (stamp,))]


def _row_groups(name: str, stamp: str) -> list[Shard]:
    system, path = file_system(name)
    with reached(name), system.open(path, "rb") as file:
        try:
            opened = parquet.ParquetFile(file)
        except ValueError as error:  # pyarrow's ArrowInvalid is one
            raise DataError(f"{name} is no parquet file, or is cut off; write it again.") from error
        if not set(BYTES_COLUMNS) & set(opened.schema_arrow.names):
            raise DataError(f"{name} has no column of pictures; name it one of {', '.join(BYTES_COLUMNS)}.")
        count = opened.num_row_groups
    return [Shard("parquet", (name,), (stamp,), row_group) for row_group in range(count)]


_SHARDS = {".tar": _tar, ".parquet": _row_groups}
