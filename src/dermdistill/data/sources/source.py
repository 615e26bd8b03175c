"""What every layout adapter returns: the rows of the metadata and the image files, nothing decoded yet."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

ROW_COLUMNS = ("image_id", "lesion_id", "diagnosis", "age", "sex", "site", "confirmed_by")
REQUIRED_COLUMNS = ("image_id", "diagnosis")


@dataclass(frozen=True)
class ImageFile:
    """One image file, in a folder or inside a zip.

    Attributes:
        image_id: the file's stem.
        source_path: where it lies, relative to the source folder, `/` between parts.
        stamp: changes when the content does (size and time, or a zip's checksum), without reading it.
        read: returns the file's bytes; raises OSError when it cannot.
    """

    image_id: str
    source_path: str
    stamp: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Source:
    """A data set as found.

    Attributes:
        layout: the adapter that understood it.
        root: the folder that `source_path` is relative to.
        rows: strings in `ROW_COLUMNS`, empty where unknown; in the file's order, unchecked.
        images: every image file found, sorted by path.
    """

    layout: str
    root: Path
    rows: pd.DataFrame
    images: list[ImageFile]
