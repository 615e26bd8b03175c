"""Files, object stores and web addresses alike: what fsspec opens, and each failure as one sentence."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeGuard

import fsspec

from dermdistill.errors import DataError, DermDistillError
from dermdistill.files import write_atomically

logging.getLogger("gcsfs").setLevel(logging.CRITICAL)  # it logs with a traceback what it raises, too
_DENIED = ("NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError", "TokenRetrievalError")


def is_address(name: str) -> bool:
    """Tell `s3://bucket/x.jpg` from the path of a file."""
    return "://" in name


def file_system(name: str) -> tuple[Any, str]:
    """The file system of a path or an address, and what it calls it."""
    with reached(name):
        system, path = fsspec.core.url_to_fs(name)
    return system, path


@contextmanager
def reached(name: str, *, to: str = "read") -> Iterator[None]:
    """Turn whatever a file system raises into one sentence.

    Raises:
        DataError: says what cannot be done, why, and what to look at.
    """
    try:
        yield
    except DermDistillError:
        raise
    except Exception as error:  # each store has errors of its own
        raise DataError(why_not(name, error, to=to)) from error


def why_not(name: str, error: BaseException, *, to: str = "read") -> str:
    """Say in a sentence why a path or an address cannot be used."""
    done = {"read": "read", "write": "written to"}[to]
    if isinstance(error, FileNotFoundError) and _is_of_the_web(error.__cause__):
        error = error.__cause__  # of a web address fsspec says so whatever went wrong
    if isinstance(error, ImportError):
        return f"{name} cannot be {done}: a package is missing ({_line(error)}); install it on every machine."
    if _denied(error):
        return f"{name} cannot be {done} (access denied); check the keys and rights of this account."
    if isinstance(error, FileNotFoundError):
        return f"{name} does not exist; check the path."
    return f"{name} cannot be {done} ({_line(error)}); check the address and the network."


def _is_of_the_web(error: BaseException | None) -> TypeGuard[BaseException]:
    """Whether a server gave another answer than 404, or none."""
    no_answer = isinstance(error, OSError) and not isinstance(error, FileNotFoundError)
    return no_answer or getattr(error, "status", 404) != 404


def _denied(error: BaseException) -> bool:
    # aiohttp has `status`, gcsfs `code` or, of 403, an OSError in words
    status = getattr(error, "status", None) or getattr(error, "code", None)
    forbidden = isinstance(error, OSError) and str(error).startswith("Forbidden")
    named = isinstance(error, PermissionError) or type(error).__name__ in _DENIED
    return named or forbidden or str(status) in ("401", "403")


def _line(error: BaseException) -> str:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(said).splitlines()[0].rstrip(". ")


class Folder:
    """A folder of few or many files, here or in an object store; a file in it is whole or not there."""

    def __init__(self, name: str):
        self.name = name.rstrip("/") or name
        self.here = None if is_address(name) else Path(name)
        self._system, self._path = file_system(self.name)

    def names(self) -> set[str]:
        """Names of the files that lie in it; none if it is not there."""
        with reached(self.name):
            self._system.invalidate_cache()
            try:
                found = self._system.ls(self._path, detail=False)
            except FileNotFoundError:
                return set()
        return {os.path.basename(path.rstrip("/")) for path in found} - {""}  # noqa: PTH119 - of an address, too

    def place(self, name: str) -> str:
        """What to call a file of it in a sentence."""
        return f"{self.name}/{name}"

    @contextmanager
    def open(self, name: str) -> Iterator[Any]:
        """Open a file of it to read."""
        with self._system.open(f"{self._path}/{name}", "rb") as file:
            yield file

    def read(self, name: str) -> bytes:
        """Read a file of it."""
        with reached(self.place(name)), self.open(name) as file:
            return bytes(file.read())

    def write(self, name: str, data: bytes) -> None:
        """Write a file, whole or not at all: an object store keeps nothing of an upload that did not end."""
        with reached(self.name, to="write"):
            if self.here is not None:
                write_atomically(self.here / name, data)
            else:
                self._system.pipe_file(f"{self._path}/{name}", data)

    def delete(self, name: str) -> None:
        """Remove a file."""
        with reached(self.name, to="write"):
            self._system.rm_file(f"{self._path}/{name}")
