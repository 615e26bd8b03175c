"""Fetching one file: continued where it was cut, no larger than announced, checked when it is whole."""

import hashlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dermdistill import __version__
from dermdistill.errors import DataError

_BLOCK = 1 << 20
_LONGEST_LISTING = 1 << 26  # bytes
_TIMEOUT = 60.0  # seconds without a byte
_ATTEMPTS = 6  # in a row without a byte gained

OnBytes = Callable[[int, int], None]
Algorithm = Literal["md5", "sha256"]


@dataclass(frozen=True)
class RemoteFile:
    """One file as its publisher announces it.

    Attributes:
        name: what it is called here.
        url: its address.
        size: bytes; 0 where they are not announced.
        checksum: hexadecimal; empty where none is published.
        algorithm: of the checksum.
    """

    name: str
    url: str
    size: int = 0
    checksum: str = ""
    algorithm: Algorithm = "md5"


class _WrongFileError(Exception):
    pass


def open_url(url: str, *, start: int = 0, method: str = "GET") -> http.client.HTTPResponse:
    """Open an http(s) address, from byte `start` where the server can.

    Raises:
        DataError: the address is no http(s) one.
        OSError: the server cannot be reached or answers with an error (`urllib.error.HTTPError`).
    """
    if not url.startswith(("https://", "http://")):
        raise DataError(f"{url} is not a web address; give one that starts with https://.")
    # Some servers turn away urllib's own name.
    headers = {"User-Agent": f"dermdistill/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers, method=method)  # noqa: S310 - http(s) only, checked above
    response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310
    return response


def fetch(file: RemoteFile, path: Path, *, on_bytes: OnBytes, pause: float = 1.0) -> None:
    """Fetch a file to `path`; until it is whole it is called `path`.part.

    After a cut connection or a passing fault of the server it tries again, each time after twice the pause. A
    `.part` file, from this run or an earlier one, is continued. A file whose checksum or size is wrong is
    fetched once more from its first byte. A file that grows beyond its announced size is given up at once.

    Args:
        file: what its publisher announced.
        path: where to; its folder exists.
        on_bytes: called with (bytes here, bytes in all; 0 where the server does not say).
        pause: seconds before the second attempt.

    Raises:
        DataError: the server refuses, cannot be reached, or delivers another file than announced.
    """
    part = path.with_name(f"{path.name}.part")
    if part.is_symlink():  # ours never is; another's would be written through
        part.unlink()
    idle = wrong = 0
    url = file.url
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            _receive(file, part, on_bytes)
            _check(part, file)
        except _WrongFileError as error:
            part.unlink()
            wrong += 1
            if wrong == 2:
                raise DataError(f"{url} gives a file whose {error}; try again later.") from None
            continue
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416:  # there is nothing from our byte on: the part is no part of this file
                part.unlink(missing_ok=True)
            elif error.code < 500 and error.code not in (408, 429):
                raise DataError(
                    f"{url} is refused ({error.code} {error.reason}); check the address."
                ) from None
            reason = f"{error.code} {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
        else:
            part.replace(path)
            return
        gained = part.exists() and part.stat().st_size > before
        idle = 0 if gained else idle + 1
        if idle == _ATTEMPTS:
            raise DataError(f"{url} cannot be fetched ({reason}); run the same command again to go on.")
        time.sleep(pause * 2**idle)


def _receive(file: RemoteFile, part: Path, on_bytes: OnBytes) -> None:
    """Append what is missing of the file, or write it anew where the server knows no ranges."""
    start = part.stat().st_size if part.exists() else 0
    with open_url(file.url, start=start) as response:
        continued = response.status == http.HTTPStatus.PARTIAL_CONTENT
        if continued and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            part.unlink()
            raise ConnectionError("the server sent another range than asked for")
        here = start if continued else 0
        length = response.headers.get("Content-Length")
        total = here + int(length) if length else 0
        with part.open("ab" if continued else "wb") as stream:
            while block := response.read(_BLOCK):
                here += len(block)
                if file.size and here > file.size:
                    part.unlink()
                    raise DataError(
                        f"{file.url} sends more than the {file.size} bytes that were announced; check the "
                        "address."
                    )
                stream.write(block)
                on_bytes(here, total)
    if here < total:
        raise ConnectionError(f"the connection was cut after {here} of {total} bytes")


def _check(path: Path, file: RemoteFile) -> None:
    if not is_whole(path, file):
        size, algorithm = path.stat().st_size, file.algorithm
        if file.size and size != file.size:
            raise _WrongFileError(f"size is {size}, not {file.size} bytes")
        raise _WrongFileError(f"{algorithm.upper()} is {digest(path, algorithm)}, not {file.checksum}")


def is_whole(path: Path, file: RemoteFile) -> bool:
    """Whether a file that is there has the size and checksum that were announced, as far as they were."""
    if file.size and path.stat().st_size != file.size:
        return False
    return not file.checksum or digest(path, file.algorithm) == file.checksum


def digest(path: Path, algorithm: Algorithm) -> str:
    """Checksum of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()


def read_json(url: str, publisher: str) -> Any:
    """Ask a publisher's server for JSON.

    Raises:
        DataError: the server cannot be reached, or answers otherwise.
    """
    try:
        with open_url(url) as response:
            return json.loads(response.read(_LONGEST_LISTING))
    except OSError as error:
        raise DataError(f"{url} cannot be reached ({error}); check the network, or --base-url.") from error
    except ValueError as error:
        raise DataError(f"{url} did not answer with {publisher}'s file list; check --base-url.") from error
