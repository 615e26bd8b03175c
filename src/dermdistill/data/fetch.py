"""Fetch one file over HTTP: goes on where it stopped, checks the MD5, and moves it to its name when whole."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from dermdistill import __version__
from dermdistill.errors import DataError

_BLOCK = 1 << 20
_TIMEOUT = 60.0  # seconds without a byte
_ATTEMPTS = 6  # in a row without a byte gained

OnBytes = Callable[[int, int], None]


class _ChecksumError(Exception):
    pass


def open_url(url: str, *, start: int = 0) -> http.client.HTTPResponse:
    """Open an http(s) address, from byte `start` where the server can.

    Raises:
        DataError: the address is no http(s) one.
        OSError: the server cannot be reached or answers with an error (`urllib.error.HTTPError`).
    """
    if not url.startswith(("https://", "http://")):
        raise DataError(f"{url} is no web address; give one that starts with https://.")
    # Some servers turn away urllib's own name.
    headers = {"User-Agent": f"dermdistill/{__version__}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http(s) only, checked above
    response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310
    return response


def fetch(url: str, path: Path, *, md5: str, on_bytes: OnBytes, pause: float = 1.0) -> None:
    """Fetch `url` to `path`; until it is whole it is called `path`.part.

    A cut connection or a server's passing trouble is tried again, each time after twice the pause; a `.part`
    that is there, from this run or an earlier one, is continued. A file whose MD5 is wrong is fetched once
    more from its first byte.

    Args:
        url: where from.
        path: where to; its folder exists.
        md5: the expected checksum, hexadecimal.
        on_bytes: called with (bytes here, bytes in all; 0 where the server does not say).
        pause: seconds before the second attempt.

    Raises:
        DataError: the server refuses, cannot be reached, or delivers another file than announced.
    """
    part = path.with_name(f"{path.name}.part")
    idle = wrong = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            _receive(url, part, on_bytes)
            _check(part, md5)
        except _ChecksumError as error:
            part.unlink()
            wrong += 1
            if wrong == 2:
                raise DataError(
                    f"{url} gives a file whose MD5 is {error}, not {md5}; try again later."
                ) from None
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


def _receive(url: str, part: Path, on_bytes: OnBytes) -> None:
    """Append what is missing of the file, or write it anew where the server knows no ranges."""
    start = part.stat().st_size if part.exists() else 0
    with open_url(url, start=start) as response:
        continued = response.status == http.HTTPStatus.PARTIAL_CONTENT
        if continued and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            part.unlink()
            raise ConnectionError("the server sent another range than asked for")
        here = start if continued else 0
        length = response.headers.get("Content-Length")
        total = here + int(length) if length else 0
        with part.open("ab" if continued else "wb") as file:
            while block := response.read(_BLOCK):
                file.write(block)
                here += len(block)
                on_bytes(here, total)
    if here < total:
        raise ConnectionError(f"the connection was cut after {here} of {total} bytes")


def _check(path: Path, md5: str) -> None:
    if (found := file_md5(path)) != md5:
        raise _ChecksumError(found)


def file_md5(path: Path) -> str:
    """MD5 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
