"""The pictures of a shard, one after the other, each with a function that reads its bytes."""

import tarfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from pyarrow import parquet

from dermdistill.cluster.shards import BYTES_COLUMNS, ID_COLUMNS, Shard
from dermdistill.cluster.store import file_system, is_address, why_not
from dermdistill.errors import DataError, ImageError, UnreadableError
from dermdistill.imaging.read import MAX_FILE_BYTES, read_bytes
from dermdistill.imaging.suffixes import IMAGE_SUFFIXES

_ROWS_AT_ONCE = 16  # of a parquet file, in memory


class Picture(NamedTuple):
    """A picture not read yet.

    Attributes:
        name: its path or address; within a tar or parquet file, that file's and then its own.
        image_id: where it has one of its own; else it follows from the name.
        read: gives its bytes, or raises ImageError.
    """

    name: str
    image_id: str | None
    read: Callable[[], bytes]


def pictures_of(shard: Shard) -> Iterator[Picture]:
    """Yield a shard's pictures in order.

    A tar or parquet file that cannot be read to its end gives one more, which stands for the rest of it and
    raises the reason.
    """
    if shard.kind == "files":
        for name in shard.names:
            read = partial(_read_address, name) if is_address(name) else partial(read_bytes, Path(name))
            yield Picture(name, None, read)
        return
    [name] = shard.names
    done = 0
    try:
        for picture in _of_tar(name) if shard.kind == "tar" else _of_row_group(name, shard.row_group):
            yield picture
            done += 1
    except (tarfile.TarError, EOFError, ValueError) as error:
        reason = f"{name} is damaged after {done} pictures ({error}); write it again."
        yield Picture(name, None, partial(_refuse, ImageError(reason)))
    except DataError as error:
        yield Picture(name, None, partial(_refuse, UnreadableError(str(error))))
    except Exception as error:  # each store has errors of its own
        yield Picture(name, None, partial(_refuse, UnreadableError(why_not(name, error))))


def _refuse(error: ImageError) -> bytes:
    raise error


def _read_address(name: str) -> bytes:
    try:
        system, path = file_system(name)
        data = bytes(system.cat_file(path, start=0, end=MAX_FILE_BYTES + 1))
    except DataError as error:
        raise UnreadableError(str(error)) from error
    except Exception as error:
        raise UnreadableError(why_not(name, error)) from error
    return _checked(data, len(data), name)


def _checked(data: bytes, size: int, name: str) -> bytes:
    if size > MAX_FILE_BYTES:
        raise ImageError(f"{name} is larger than {MAX_FILE_BYTES // 1_000_000} MB; make it smaller.")
    return data


def _of_tar(name: str) -> Iterator[Picture]:
    """Read it once from front to back, as a store gives it best."""
    system, path = file_system(name)
    with system.open(path, "rb") as file, tarfile.open(fileobj=file, mode="r|*") as archive:
        for member in archive:
            inner = PurePosixPath(member.name)
            if not member.isfile() or inner.suffix.lower() not in IMAGE_SUFFIXES or inner.name[0] == ".":
                continue
            taken = archive.extractfile(member)
            data = b"" if taken is None or member.size > MAX_FILE_BYTES else taken.read()
            yield Picture(
                f"{name}/{member.name}",
                None,
                partial(_checked, data, member.size, f"{name}/{member.name}"),
            )


def _of_row_group(name: str, row_group: int) -> Iterator[Picture]:
    system, path = file_system(name)
    with system.open(path, "rb") as file:
        opened = parquet.ParquetFile(file)
        there = opened.schema_arrow.names
        pictures = next(column for column in BYTES_COLUMNS if column in there)
        ids = next((column for column in ID_COLUMNS if column in there), None)
        first = sum(opened.metadata.row_group(before).num_rows for before in range(row_group))
        wanted = [pictures, *([ids] if ids else [])]
        batches = opened.iter_batches(_ROWS_AT_ONCE, row_groups=[row_group], columns=wanted)
        rows = (row for batch in batches for row in batch.to_pylist())
        for number, row in enumerate(rows, start=first):
            own = str(row[ids]) if ids and row[ids] is not None else str(number)
            yield Picture(f"{name}/{own}", own, partial(_bytes_of, row[pictures], f"{name}/{own}"))


def _bytes_of(value: Any, name: str) -> bytes:
    if isinstance(value, dict):  # as Hugging Face's datasets write pictures
        value = value.get("bytes")
    if not isinstance(value, bytes):
        raise ImageError(f"{name} has no bytes; fill its column with the bytes of a picture's file.")
    return _checked(value, len(value), name)
