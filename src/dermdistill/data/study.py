"""A study: prepared images, their split, and what both decide, opened once and handed on as one value."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import ClassTable
from dermdistill.data.joined import load_sources, named_as_in
from dermdistill.data.lineage.generated import KEY
from dermdistill.data.prepared import Prepared, read_report
from dermdistill.data.splits import read_splits
from dermdistill.errors import DataError
from dermdistill.files import file_sha256
from dermdistill.imaging import resize_square
from dermdistill.metrics.priors import training_priors
from dermdistill.runs import Run


@dataclass(frozen=True)
class Study:
    """Prepared images and their split.

    Attributes:
        prepared: the images and their index.
        splits: a row an image of one of the classes, see `dermdistill.data.splits`; every image is among the
            prepared ones, which also tell its diagnosis.
        fingerprints: SHA-256 of the prepared `data` and of the `splits` file.
        classes: what a model of this study tells apart: of the prepared classes those with training images.
        left_out: images of the split by class code, of classes without a training image.
        size: pixels at which `pixels` and `images` give the images; None is as they were prepared.
    """

    prepared: Prepared
    splits: pd.DataFrame
    fingerprints: dict[str, str]
    classes: ClassTable
    left_out: dict[str, int]
    size: int | None = None

    @property
    def notice(self) -> str | None:
        """Which classes of the data the model lacks, without a full stop; None if it has them all."""
        absent = [code for code in self.prepared.classes.codes if code not in self.classes.codes]
        if not absent:
            return None
        images = sum(self.left_out.values())
        said = f", and their {images} images of val and test are left out of all figures" if images else ""
        return f"no training image shows {', '.join(absent)}: the model has no such class{said}"

    @property
    def image_size(self) -> int:
        """Side of the images that `pixels` and `images` give."""
        return self.size or int(self.prepared.images.shape[1])

    def at(self, size: int | None) -> "Study":
        """The same study with its images area-resized to `size` pixels."""
        return replace(self, size=size)

    @cached_property
    def priors(self) -> dict[str, float]:
        """Class shares of the train images, by code; 0 for a class that has none.

        Raises:
            DataError: there are no train images.
        """
        return training_priors(self.splits, self.classes.codes)

    def rows(self, *splits: str) -> pd.DataFrame:
        """Rows of the named splits, renumbered from 0."""
        return self.splits[self.splits["split"].isin(splits)].reset_index(drop=True)

    def described(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows with the `source` and the kind of `picture` of each image."""
        index = self.prepared.index.set_index("image_id")[["source", "picture"]].loc[rows["image_id"]]
        return rows.assign(source=index["source"].to_numpy(), picture=index["picture"].to_numpy())

    def positions(self, rows: pd.DataFrame) -> NDArray[np.intp]:
        """Position of each row's image among the prepared ones."""
        index = pd.Index(self.prepared.index["image_id"])
        return np.asarray(index.get_indexer(pd.Index(rows["image_id"])), np.intp)

    def images(self, rows: pd.DataFrame) -> NDArray[np.uint8]:
        """The images of `rows`, RGB uint8 `[n, size, size, 3]`, in their order."""
        return self.pixels(self.positions(rows))

    def pixels(self, positions: NDArray[np.intp]) -> NDArray[np.uint8]:
        """The images at `positions` among the prepared ones, RGB uint8 `[n, size, size, 3]`."""
        images = np.asarray(self.prepared.images[positions])
        if images.shape[1] == self.image_size:
            return images
        return np.stack([resize_square(image, self.image_size) for image in images])


def open_study(data_dirs: Path | Sequence[Path], splits_path: Path) -> Study:
    """Open prepared images, of one source or several, and a split of them.

    Raises:
        DataError: data or split are missing or damaged, the split names an image that the data lack, or fewer
            than two classes have training images.
    """
    study = _open(data_dirs, splits_path)
    learned = study.rows("train")["diagnosis"].unique()
    if len(learned) < 2:
        raise DataError(
            f"{splits_path} has training images of {' and '.join(learned) or 'no class'} only; a model needs "
            "two classes: make the split again with `dermdistill data split`."
        )
    return _of_classes(study, study.classes.keep(learned))


def _open(data_dirs: Path | Sequence[Path], splits_path: Path) -> Study:
    """With all classes of the data.

    Diagnoses are those of the prepared data: a split serves whatever classes its images were prepared with.
    """
    directories = [data_dirs] if isinstance(data_dirs, Path) else list(data_dirs)
    prepared = load_sources(directories)
    splits = read_splits(splits_path)
    if "source" in splits:  # the split may be of more sources than a study is of
        splits = splits[splits["source"].isin(prepared.index["source"].unique())].reset_index(drop=True)
        prepared = named_as_in(prepared, splits["image_id"])
    diagnoses = splits["image_id"].map(prepared.index.set_index("image_id")["diagnosis"])
    unknown = splits.loc[diagnoses.isna(), "image_id"]
    if len(unknown):
        raise DataError(
            f"{splits_path} names {len(unknown)} images that {', '.join(map(str, directories))} does not "
            f"hold, first {unknown.iloc[0]}; split the prepared data again."
        )
    _refuse_generated(directories, prepared, splits, splits_path)
    fingerprints = {"data": prepared.fingerprint, "splits": file_sha256(splits_path)}
    return Study(prepared, splits.assign(diagnosis=diagnoses), fingerprints, prepared.classes, {})


def _refuse_generated(
    directories: Sequence[Path], prepared: Prepared, splits: pd.DataFrame, splits_path: Path
) -> None:
    made = [str(report["source"]) for each in directories if (report := read_report(each) or {}).get(KEY)]
    if not made:
        return
    sources = splits["image_id"].map(prepared.index.set_index("image_id")["source"])
    judged_by = sources.isin(made) & (splits["split"] != "train")
    if judged_by.any():
        raise DataError(
            f"{splits_path} has {int(judged_by.sum())} generated pictures of {sources[judged_by].iloc[0]} in "
            f"{splits.loc[judged_by, 'split'].iloc[0]}, and nothing may be judged by those; split again with "
            "`dermdistill data split`, which keeps them in train."
        )


def _of_classes(study: Study, classes: ClassTable) -> Study:
    known = study.splits["diagnosis"].isin(classes.codes)
    left_out = study.splits.loc[~known, "diagnosis"].value_counts()
    return replace(
        study,
        splits=study.splits[known].reset_index(drop=True),
        classes=classes,
        left_out={str(code): int(n) for code, n in left_out.items()},
    )


def open_study_of(run: Run) -> Study:
    """Open the data and the split that a run was trained with, or refuse to measure it by others.

    Its images have the pixels of the last phase of the training. Other data may hold out what it has
    learned by heart. A reopened bundle may be measured on other images.

    Raises:
        DataError: data or split are missing or damaged, or not those of the run's training any more.
    """
    study = _of_classes(_open(run.data_dirs, run.splits_path), run.classes).at(run.image_size)
    trained = study.fingerprints | run.config.get("fingerprints", {})
    other_data = trained["data"] not in (None, study.fingerprints["data"])
    if other_data and "reopened_from" in run.config.get("made_with", {}):
        return study
    if other_data or trained["splits"] not in (None, study.fingerprints["splits"]):
        changed = ", ".join(map(str, run.data_dirs)) if other_data else run.splits_path
        raise DataError(
            f"{changed} is not what {run.run_dir} was trained with any more: val and test may hold images "
            "that it has learned from. Put it back, or train again."
        )
    return study
