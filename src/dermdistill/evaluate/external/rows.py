"""Which images of a prepared source a model may be measured by, and what a reader of figures must know."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import ClassTable
from dermdistill.data.groups import own_id
from dermdistill.data.joined import named_as_in
from dermdistill.data.prepared import Images, load_prepared
from dermdistill.data.splits import read_splits
from dermdistill.errors import DataError
from dermdistill.evaluate.external.kinds import map_kinds

ALL = "all"
"""The split that images are of where nobody names a splits file."""


@dataclass(frozen=True)
class External:
    """Images of one prepared source to measure a model by.

    Attributes:
        name: of the source.
        rows: their rows of the index, see `prepared.COLUMNS`, and `position` among `images`.
        images: RGB uint8 `[all, size, size, 3]` of the whole source.
        classes: what their diagnoses are of.
        split: which split they are, `ALL` for all images.
        fingerprint: of the prepared data.
        warnings: what a reader must know, a sentence each.
    """

    name: str
    rows: pd.DataFrame
    images: Images
    classes: ClassTable
    split: str
    fingerprint: str
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Number of images."""
        return len(self.rows)

    @property
    def digest(self) -> str:
        """SHA-256 of the images' ids, in their order."""
        return hashlib.sha256("\n".join(self.rows["image_id"]).encode()).hexdigest()

    def pixels(self) -> Iterator[NDArray[np.uint8]]:
        """The images, RGB uint8 `[size, size, 3]`, in the order of `rows`."""
        return (self.images[int(position)] for position in self.rows["position"])

    def warned(self, *sentences: str | None) -> Self:
        """The same with more warnings."""
        return replace(self, warnings=(*self.warnings, *filter(None, sentences)))

    def without(self, image_ids: Collection[str]) -> Self:
        """The same without images that a model has learned from, also by an id that names the source.

        Raises:
            DataError: none is left.
        """
        seen = self.rows["image_id"].isin({own_id(image_id, self.name) for image_id in image_ids})
        if seen.all():
            raise DataError(f"The model has learned from every image of {self.name}; give another source.")
        if not seen.any():
            return self
        left = replace(self, rows=self.rows[~seen].reset_index(drop=True))
        return left.warned(f"{self.name}: {seen.sum()} images that the model learned from are left out.")


def read_external(data_dir: Path, splits_path: Path | None = None, split: str = ALL) -> External:
    """Open a prepared source: all its images, or those of one split of a splits file.

    Raises:
        DataError: the source or the splits cannot be read, `split` is `train`, or there is no such image.
    """
    prepared = load_prepared(data_dir)
    name = ", ".join(prepared.index["source"].unique())
    rows, warnings = prepared.index.assign(position=range(len(prepared))), []
    if splits_path is None:
        split = ALL
        linked = int((rows["linked_lesion"] != "").sum())
        if linked:
            warnings.append(
                f"{name}: {linked} images show lesions that another source shows, too; a model that has "
                "learned from that has seen them. Give --splits."
            )
    else:
        if split == "train":
            raise DataError("The train split is what models learn from; give --split test or val.")
        splits = read_splits(splits_path)
        if "source" in splits:
            splits = splits[splits["source"].isin(rows["source"].unique())]
        ids = named_as_in(prepared, splits["image_id"]).index["image_id"]
        of_image = ids.map(splits.set_index("image_id")["split"])
        if unnamed := int(of_image.isna().sum()):
            warnings.append(f"{name}: {unnamed} images are not in {splits_path.name} and are left out.")
        rows = rows[(of_image == split).to_numpy()].reset_index(drop=True)
    if rows.empty:
        raise DataError(f"{splits_path or data_dir} names no image of {name} in the split {split!r}.")
    images, classes = prepared.images, prepared.classes
    return External(name, rows, images, classes, split, prepared.fingerprint, tuple(warnings))


def training_warning(external: External, datasets: Iterable[str], *, with_val: bool = False) -> str | None:
    """What to say where a model has learned from the source that it is to be measured by; None if it has not.

    Args:
        external: the images.
        datasets: names of the data sets that the model has learned from.
        with_val: whether it has learned from their val split, too.
    """
    if _plain(external.name) not in {_plain(name) for name in datasets}:
        return None
    if external.split == ALL:
        return (
            f"{external.name}: the model has learned from this source, so figures on all its images are too "
            "good. Give the --splits that it was trained with."
        )
    if external.split == "val" and with_val:
        return f"{external.name}: the model has learned from the val split, too; give --split test."
    return None


def with_truth(external: External, model: ClassTable) -> pd.DataFrame:
    """The rows with what is true of each image, in the model's words and in its source's.

    Returns:
        The rows and: `kind`, the model's class code, empty for a kind that it does not know; `malignant`,
        whether the source's class is malignant or a precursor; `melanoma`, whether it is melanoma.
    """
    kinds = map_kinds(external.classes, model)
    diagnosis = external.rows["diagnosis"]
    kind = diagnosis.map(lambda code: kinds[code] or "")
    return external.rows.assign(
        kind=kind,
        malignant=diagnosis.isin(external.classes.malignant),
        melanoma=(diagnosis == external.classes.melanoma) | ((kind == model.melanoma) & (kind != "")),
    )


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
