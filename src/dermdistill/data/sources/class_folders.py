"""One folder a class: the folder that an image lies in says what it shows."""

from collections import Counter
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pandas as pd

from dermdistill.data.sources.images import images_in
from dermdistill.data.sources.source import ROW_COLUMNS, Source


def read(root: Path) -> Source | None:
    """Read images by the name of their folder, at any depth; None if they lie in fewer than two.

    An image's id is its file's stem, with the folders before it where several files have one stem.
    """
    images = images_in(root, root)
    paths = [PurePosixPath(image.source_path) for image in images]
    if any(len(path.parts) < 2 for path in paths) or len({path.parent.name for path in paths}) < 2:
        return None
    stems = Counter(path.stem for path in paths)
    ids = [path.stem if stems[path.stem] == 1 else "_".join(path.with_suffix("").parts) for path in paths]
    rows = pd.DataFrame("", index=range(len(images)), columns=list(ROW_COLUMNS))
    rows["image_id"], rows["diagnosis"] = ids, [path.parent.name.lower() for path in paths]
    named = [replace(image, image_id=name) for image, name in zip(images, ids, strict=True)]
    return Source("class_folders", root, rows, named)
