"""HAM10000 and the ISIC 2018 Task 3 test set from Harvard Dataverse, checked against its checksums.

Source: Tschandl, Rosendahl, Kittler, doi:10.7910/DVN/DBW86T, CC BY-NC 4.0.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdistill.data.fetch import fetch, file_md5, open_url
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
        DataError: see `list_files` and `dermdistill.data.fetch.fetch`.
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
