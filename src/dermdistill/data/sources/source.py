"""What every layout adapter returns: the rows of the metadata and the image files, nothing decoded yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

ROW_COLUMNS = (
    "image_id",
    "lesion_id",
    "patient_id",
    "linked_lesion",
    "diagnosis",
    "picture",
    "age",
    "sex",
    "site",
    "skin_tone",
    "licence",
    "confirmed_by",
)
REQUIRED_COLUMNS = ("image_id", "diagnosis")
PATH_SIGN = " > "
"""Parts the words of a diagnosis that is told at several levels, the most general first."""


@dataclass(frozen=True)
class ImageFile:
    """One image file, in a folder or inside a zip.

    Attributes:
        image_id: the file's stem, or another name by which the rows know it.
        source_path: where it lies, relative to the source folder, `/` between parts.
        stamp: changes when the content does (size and time, or a zip's checksum), without reading it.
        read: returns the file's bytes; raises OSError when it cannot.
    """

    image_id: str
    source_path: str
    stamp: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class About:
    """What is known of a whole data set; empty where nothing is.

    Attributes:
        name: a short one, by which splits, recipes and reports tell sources apart.
        licence: of its images where their rows do not say.
        citation: what whoever uses it should cite.
        picture: `dermoscopic` or `clinical`, of its images where their rows do not say.
    """

    name: str = ""
    licence: str = ""
    citation: str = ""
    picture: str = ""


@dataclass(frozen=True)
class Source:
    """A data set as found.

    Attributes:
        layout: the adapter that understood it.
        root: the folder that `source_path` is relative to.
        rows: strings in `ROW_COLUMNS`, empty where unknown; in the file's order, unchecked. A diagnosis is in
            the data set's own words, in lower case.
        images: every image file found, sorted by path.
        about: what is known of all of it.
        notes: sentences on how it was read that a person should know.
    """

    layout: str
    root: Path
    rows: pd.DataFrame
    images: list[ImageFile]
    about: About = About()
    notes: Sequence[str] = ()
