"""Files that are whole or not there, folders that one process writes at a time, and checksums."""

import errno
import hashlib
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from dermdistill.errors import DataError, DermDistillError

LOCK = ".lock"

# Where a system has them: do not follow a link in the last place of a path, do not wait for a pipe's writer.
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
# Control characters, those that change how others look, lone halves of pairs, ends of lines and paragraphs.
_UNSHOWN = ("Cc", "Cf", "Cs", "Zl", "Zp")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a temporary path in the folder of `path`, and move it there when the block ends without an error.

    The temporary file is new, empty and no link, so nobody else can have laid it there. Its name ends as
    `path` does, for writers that look at the suffix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.{path.name}")
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o666))
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


def read_plain(path: Path, *, most: int) -> bytes:
    """Read a file that must be one: neither a link nor a pipe or device, and of at most `most` bytes.

    Raises:
        OSError: it is something else, is larger, or cannot be read; `strerror` says which.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link", str(path))
    descriptor = os.open(path, os.O_RDONLY | _NO_LINK | _NO_WAIT | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:  # noqa: PTH123 - the file that was looked at, not another of its name
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a plain file", str(path))
        if status.st_size > most:
            raise OSError(errno.EFBIG, f"it is larger than {most} bytes", str(path))
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most} bytes", str(path))
    return data


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Keep other processes out of a folder while this one writes there; the folder is made.

    The lock ends with the process, however it ends. A new folder that stays empty is removed again.

    Raises:
        DermDistillError: another process writes there.
    """
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DermDistillError(
            f"Another process is writing to {folder}; wait until it ends, or give another folder or name."
        ) from error
    try:
        yield
    finally:
        lock.release()
        if is_new and not {path.name for path in folder.iterdir()} - {LOCK}:
            (folder / LOCK).unlink(missing_ok=True)
            folder.rmdir()


def printable(text: str | Path) -> str:
    """A path, or a sentence with one, as a line of a table or a terminal can hold it.

    Three kinds of characters are escaped: what is no Unicode; control characters, which a terminal would
    obey; and those that reverse the direction of writing, so that `gpj.exe` looks like `exe.jpg`.
    """
    return "".join(map(_shown, str(text)))


def _shown(character: str) -> str:
    if unicodedata.category(character) in _UNSHOWN:
        return character.encode("unicode_escape").decode()
    return character


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
