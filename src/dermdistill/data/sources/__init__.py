"""The layouts people have their images in; one small adapter each."""

from pathlib import Path

from dermdistill.data.sources import flat
from dermdistill.data.sources.source import ImageFile, Source
from dermdistill.errors import DataError

__all__ = ["ImageFile", "Source", "read_source"]

# The first adapter that knows the folder reads it.
ADAPTERS = (flat.read,)


def read_source(root: Path) -> Source:
    """Read a data set's rows and list its images, by the first layout that fits.

    Raises:
        DataError: no folder, no known layout, or a table that cannot be read.
    """
    if not root.is_dir():
        raise DataError(f"{root} is no folder; give the folder that holds the images and the metadata.")
    for adapter in ADAPTERS:
        if (source := adapter(root)) is not None:
            return source
    raise DataError(
        f"{root} has no layout that is known (Kaggle, Dataverse zips, ISIC 2018 Task 3, images with a "
        "HAM10000_metadata.csv); name its table with --metadata and --column."
    )
