"""HAM10000 and the ISIC 2018 Task 3 test set from Harvard Dataverse, checked against its checksums.

Source: Tschandl, Rosendahl, Kittler, doi:10.7910/DVN/DBW86T, CC BY-NC 4.0.
"""

import hashlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdistill import __version__
from dermdistill.errors import DataError

BASE_URL = "https://dataverse.harvard.edu"
DOI = "doi:10.7910/DVN/DBW86T"
LICENCE = (
    "HAM10000 is CC BY-NC 4.0: not for commercial use; cite Tschandl et al., doi:10.1038/sdata.2018.161."
)

# The files of each choice by their name without suffix: Dataverse shows a table now as csv, now as tab.
CHOICES: Mapping[str, Sequence[str]] = {
    "ham10000": ("HAM10000_metadata", "HAM10000_images_part_1", "HAM10000_images_part_2"),
    "isic2018-test": ("ISIC2018_Task3_Test_GroundTruth", "ISIC2018_Task3_Test_Images"),
}

OnFile = Callable[[str, int, int], None]


@dataclass(frozen=True)
class RemoteFile:
    """One file of a Dataverse data set: its name here, its address, its size in bytes and its MD5."""

    name: str
    url: str
    size: int
    md5: str


def list_files(choice: str, *, base_url: str = BASE_URL) -> list[RemoteFile]:
    """Ask Dataverse which files a choice has, by the native API.

    A table is fetched as its author saved it: that, not the tab file Dataverse made of it, has the MD5.

    Raises:
        DataError: the server cannot be reached or answers otherwise, or a file is not in the data set.
    """
    url = f"{base_url}/api/datasets/:persistentId/?persistentId={DOI}"
    try:
        with open_url(url) as response:
            files = json.load(response)["data"]["latestVersion"]["files"]
        remote = dict(_remote_file(entry["dataFile"], base_url) for entry in files)
    except OSError as error:
        raise DataError(f"{url} cannot be reached ({error}); check the network, or --base-url.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{url} did not answer with a Dataverse file list; check --base-url.") from error
    if missing := [stem for stem in CHOICES[choice] if stem not in remote]:
        raise DataError(f"{base_url} no longer lists {', '.join(missing)} in {DOI}; fetch it by hand.")
    return [remote[stem] for stem in CHOICES[choice]]


def _remote_file(data_file: Mapping[str, Any], base_url: str) -> tuple[str, RemoteFile]:
    stem = str(data_file["filename"]).partition(".")[0]
    url = f"{base_url}/api/access/datafile/{int(data_file['id'])}"
    suffix = Path(str(data_file["filename"])).suffix
    size = int(data_file["filesize"])
    if "originalFileFormat" in data_file:
        url += "?format=original"
        suffix = Path(str(data_file.get("originalFileName", "table.csv"))).suffix
        size = int(data_file.get("originalFileSize", size))
    return stem, RemoteFile(f"{stem}{suffix or '.csv'}", url, size, str(data_file["md5"]).lower())


def download(
    out: Path, choice: str, *, base_url: str = BASE_URL, on_file: OnFile, pause: float = 1.0
) -> list[Path]:
    """Fetch the files of a choice into `out`; what is there and whole stays, what was begun is continued.

    Args:
        out: the folder, made if it is not there.
        choice: a key of `CHOICES`.
        base_url: a Dataverse server.
        on_file: called with (file name, bytes here, bytes in all).
        pause: seconds before a failed request is made again; it doubles each time.

    Returns:
        The files' paths.

    Raises:
        DataError: see `list_files` and `fetch`.
    """
    base_url = base_url.rstrip("/")
    files = list_files(choice, base_url=base_url)
    out.mkdir(parents=True, exist_ok=True)
    for file in files:
        path = out / file.name
        if not (path.is_file() and file_md5(path) == file.md5):

            def on_bytes(here: int, total: int, file: RemoteFile = file) -> None:
                on_file(file.name, here, total or file.size)

            fetch(file.url, path, md5=file.md5, on_bytes=on_bytes, pause=pause)
        on_file(file.name, path.stat().st_size, path.stat().st_size)
    return [out / file.name for file in files]


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
