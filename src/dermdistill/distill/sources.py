"""Which images of a study a recipe takes from which source, and how often."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.data.prepared import source_name
from dermdistill.data.sampling import SourceMix
from dermdistill.data.study import Study
from dermdistill.distill.recipe import DataSection, Recipe
from dermdistill.errors import DataError


@dataclass(frozen=True)
class ChosenSources:
    """The sources of a recipe and what each image of a study is of.

    Attributes:
        names: what each is called in the history: the source, and the kind of picture where one is chosen.
        of_image: int, for each row of the split the number of its source, -1 where none takes it.
    """

    names: tuple[str, ...]
    of_image: NDArray[np.int64]

    def names_of(self, numbers: "pd.Series[int]") -> NDArray[np.str_]:
        """The names of some sources by their numbers."""
        return np.array(self.names, np.str_)[numbers.to_numpy(np.intp)]

    def mix(self, of_train: "pd.Series[int]", recipe: Recipe) -> SourceMix:
        """How the training images are drawn.

        Args:
            of_train: the number of the source of each training image.
            recipe: whose shares and powers count.

        Raises:
            DataError: a source that has a share has no training image.
        """
        shares = tuple(None if source.use == "val" else source.share for source in recipe.data.sources)
        for number, (name, share) in enumerate(zip(self.names, shares, strict=True)):
            if share and not (of_train == number).any():
                raise DataError(f"The source {name} has a share and no training images; look at its split.")
        return SourceMix(
            self.names,
            np.asarray(of_train, np.int64),
            recipe.batches.source_power,
            shares,
            recipe.loss.mask_absent_classes,
        )


def choose_sources(study: Study, data: DataSection) -> ChosenSources:
    """Find the source of each row of a study's split.

    Raises:
        DataError: two sources of the recipe take the same images, or one takes none.
    """
    if not data.sources:
        return ChosenSources(("all",), np.zeros(len(study.splits), np.int64))
    index = study.prepared.index.set_index("image_id").loc[study.splits["image_id"]]
    of_image = np.full(len(study.splits), -1, np.int64)
    names = []
    for number, source in enumerate(data.sources):
        name = source_name(source.dir)
        taken = (index["source"] == name).to_numpy()
        if source.picture:
            taken = taken & (index["picture"] == source.picture).to_numpy()
            name = f"{name}_{source.picture}"
        if not taken.any():
            raise DataError(
                f"{data.splits} names no image of the source {name}; split all the sources again."
            )
        if (of_image[taken] >= 0).any():
            raise DataError(
                f"Two of the [[data.sources]] take the images of {name}; give each its own picture."
            )
        of_image[taken] = number
        names.append(name)
    return ChosenSources(tuple(names), of_image)


def used_for(
    part: Literal["train", "val"], of_image: "pd.Series[int]", data: DataSection
) -> "pd.Series[bool]":
    """Whether each image, by the number of its source, is trained or validated on."""
    if not data.sources:
        return of_image >= 0
    used = [number for number, source in enumerate(data.sources) if source.use in ("both", part)]
    return of_image.isin(used)
