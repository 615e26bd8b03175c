"""HAM10000 and the ISIC 2018 Task 3 test set at Harvard Dataverse.

Source: Tschandl, Rosendahl, Kittler, doi:10.7910/DVN/DBW86T, CC BY-NC 4.0.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dermdistill.data.download.fetch import RemoteFile, read_json
from dermdistill.errors import DataError

DOI = "doi:10.7910/DVN/DBW86T"


def list_files(base_url: str, stems: Sequence[str]) -> list[RemoteFile]:
    """Ask Dataverse for the files of these names without suffix, by the native API.

    Dataverse lists a table as csv or as tab. It is fetched as its author saved it, because the MD5 is of that
    file and not of the tab file made from it.

    Raises:
        DataError: the server cannot be reached or answers otherwise, or a file is not in the data set.
    """
    url = f"{base_url}/api/datasets/:persistentId/?persistentId={DOI}"
    listing = read_json(url, "Dataverse")
    try:
        files = listing["data"]["latestVersion"]["files"]
        remote = dict(_remote_file(entry["dataFile"], base_url) for entry in files)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{url} did not answer with Dataverse's file list; check --base-url.") from error
    if missing := [stem for stem in stems if stem not in remote]:
        raise DataError(f"{base_url} no longer lists {', '.join(missing)} in {DOI}; fetch it by hand.")
    return [remote[stem] for stem in stems]


def _remote_file(data_file: Mapping[str, Any], base_url: str) -> tuple[str, RemoteFile]:
    stem = str(data_file["filename"]).partition(".")[0]
    url = f"{base_url}/api/access/datafile/{int(data_file['id'])}"
    suffix = Path(str(data_file["filename"])).suffix
    size = int(data_file["filesize"])
    if "originalFileFormat" in data_file:
        url += "?format=original"
        suffix = Path(str(data_file.get("originalFileName", "table.csv"))).suffix
        size = int(data_file.get("originalFileSize", 0))
    return stem, RemoteFile(f"{stem}{suffix or '.csv'}", url, size, str(data_file["md5"]).lower())
