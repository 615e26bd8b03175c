"""One folder a class: the folders that an image lies in say what it shows."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pandas as pd

from dermdistill.data.sources.images import images_in
from dermdistill.data.sources.source import PATH_SIGN, ROW_COLUMNS, Source

_NUMBER = re.compile(r"\d+[\s_.-]+(?=\D)")  # folders are often numbered: 0_nv, 1_mel


def read(root: Path) -> Source | None:
    """Read images by the names of their folders, at any depth; None if they lie in fewer than two.

    The folders are levels of the diagnosis, `mel > patient 7`: the innermost with a word for a class counts.
    An image's id is its file's stem, with the folders before it where several files have one stem. What lies
    beside the folders has no diagnosis.
    """
    images = images_in(root, root)
    paths = [PurePosixPath(image.source_path) for image in images]
    if len({path.parent for path in paths if path.parent.parts}) < 2:
        return None
    stems = Counter(path.stem for path in paths)
    ids = [path.stem if stems[path.stem] == 1 else "_".join(path.with_suffix("").parts) for path in paths]
    rows = pd.DataFrame("", index=range(len(images)), columns=list(ROW_COLUMNS))
    rows["image_id"], rows["diagnosis"] = ids, [_levels(path.parent.parts) for path in paths]
    named = [replace(image, image_id=name) for image, name in zip(images, ids, strict=True)]
    return Source("class_folders", root, rows, named)


def _levels(folders: tuple[str, ...]) -> str:
    return PATH_SIGN.join(_NUMBER.sub("", folder.lower(), count=1) for folder in folders)
