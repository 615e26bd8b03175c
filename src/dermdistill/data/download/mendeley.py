"""PAD-UFES-20 at Mendeley Data.

Source: Pacheco et al. (2020), doi:10.17632/zr7vgbcyr2.1, CC BY 4.0.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from dermdistill.data.download.fetch import RemoteFile, read_json
from dermdistill.errors import DataError

DATASET, VERSION = "zr7vgbcyr2", 1


def list_files(base_url: str, patterns: Sequence[str]) -> list[RemoteFile]:
    """Ask Mendeley Data for the files whose names match, in the data set's root and its folders.

    Args:
        base_url: the server.
        patterns: regular expressions of whole names; each must match a file.

    Raises:
        DataError: the server cannot be reached or answers otherwise, or a file is not in the data set.
    """
    api = f"{base_url}/public-api/datasets/{DATASET}"
    folders = read_json(f"{api}/folders/{VERSION}", "Mendeley Data")
    try:
        found = [
            _remote_file(entry)
            for folder in ("root", *(str(folder["id"]) for folder in folders))
            for entry in read_json(f"{api}/files?folder_id={folder}&version={VERSION}", "Mendeley Data")
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{api} did not answer with Mendeley Data's file list; check --base-url.") from error
    if missing := [pattern for pattern in patterns if not _matching(found, pattern)]:
        raise DataError(f"{base_url} no longer lists {', '.join(missing)} in {DATASET}; fetch it by hand.")
    return [file for pattern in patterns for file in _matching(found, pattern)]


def _matching(files: Sequence[RemoteFile], pattern: str) -> list[RemoteFile]:
    found = [file for file in files if re.fullmatch(pattern, file.name)]
    return sorted(found, key=lambda file: (len(file.name), file.name))  # part 2 before part 10


def _remote_file(entry: Mapping[str, Any]) -> RemoteFile:
    content = entry["content_details"]
    name = PurePosixPath(str(entry["filename"])).name
    return RemoteFile(
        name,
        str(content["download_url"]),
        int(content["size"]),
        str(content["sha256_hash"]).lower(),
        "sha256",
    )
