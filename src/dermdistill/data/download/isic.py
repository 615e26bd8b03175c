"""MILK10k at the ISIC archive, which keeps its challenges' files in a bucket of Amazon S3.

Source: MILK study team (2025), https://challenge.isic-archive.com/landing/milk10k, CC BY-NC 4.0.
"""

import re
from collections.abc import Sequence

from dermdistill.data.download.fetch import RemoteFile, open_url
from dermdistill.errors import DataError


def list_files(base_url: str, names: Sequence[str]) -> list[RemoteFile]:
    """Ask the bucket for the size of each of `names`, paths below `base_url`, and for its MD5.

    S3 gives a file's MD5 as its ETag, unless it was uploaded in pieces: then there is none.

    Raises:
        DataError: the server cannot be reached, or no longer has a file.
    """
    return [_look_at(f"{base_url}/{name}", name.rpartition("/")[2]) for name in names]


def _look_at(url: str, name: str) -> RemoteFile:
    try:
        with open_url(url, method="HEAD") as response:
            size = int(response.headers.get("Content-Length") or 0)
            etag = str(response.headers.get("ETag") or "").strip('"').lower()
    except (OSError, ValueError) as error:
        raise DataError(f"{url} cannot be reached ({error}); check the network, or --base-url.") from error
    if not size:
        raise DataError(f"{url} does not say how large it is; check --base-url.")
    return RemoteFile(name, url, size, etag if re.fullmatch("[0-9a-f]{32}", etag) else "")
