"""Files that are either whole or not there: written under a temporary name, then moved. And checksums."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dermdistill.errors import DataError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path in the folder of `path`, and move it there when the block ends without an error.

    The temporary name ends as `path` does, for writers that look at the suffix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        with temporary.open("rb+") as file:  # the move must not become durable before the contents are
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:  # on a full disk, too, which would be fuller after every try
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Write bytes to `path`, whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_bytes(data)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hex.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path.") from error
