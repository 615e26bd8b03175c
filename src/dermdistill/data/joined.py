"""Several prepared data sets as one: their rows one after the other, their pixels where they lie."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.data.prepared import Images, Prepared, load_prepared, read_report
from dermdistill.errors import DataError


class JoinedImages:
    """Images of several arrays, RGB uint8 `[n, size, size, 3]`, addressed as if they were one array.

    Nothing is copied before it is asked for: the arrays may be memory-mapped. Many images at once are
    gathered from one array after the other, which is as fast as from a single one.
    """

    def __init__(self, arrays: Sequence[Images]) -> None:
        # Plain views of mapped files: numpy takes a single image out of these several times faster.
        self._arrays = tuple(np.asarray(array) for array in arrays)
        self._starts = np.cumsum([0, *map(len, arrays)]).tolist()
        self._rows = range(self._starts[-1])
        self.shape: tuple[int, ...] = (self._starts[-1], *arrays[0].shape[1:])

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        for array in self._arrays:
            yield from array

    def __getitem__(self, rows: Any, /) -> NDArray[np.uint8]:
        """One image by its number, or several, copied, by numbers or a slice, in the order asked for."""
        if isinstance(rows, (int, np.integer)):
            row = self._rows[rows]  # its rules for negative numbers, and its error
            owner = bisect_right(self._starts, row) - 1
            return np.asarray(self._arrays[owner][row - self._starts[owner]])
        wanted = np.arange(len(self))[rows]
        owners = np.searchsorted(self._starts, wanted, side="right") - 1
        gathered = np.empty((len(wanted), *self.shape[1:]), np.uint8)
        for number, array in enumerate(self._arrays):
            mine = np.flatnonzero(owners == number)
            gathered[mine] = array[wanted[mine] - self._starts[number]]
        return gathered


def load_sources(directories: Sequence[Path]) -> Prepared:
    """Open one or more prepared data sets as one; see `join_prepared`.

    Raises:
        DataError: one is missing or damaged, or they do not go together.
    """
    prepared = [load_prepared(directory) for directory in directories]
    sizes = {data.images.shape[1] for data in prepared}
    if len(sizes) > 1:
        raise DataError(
            f"{', '.join(map(str, directories))} are prepared at {' and '.join(map(str, sorted(sizes)))} "
            "pixels; prepare them at one size."
        )
    return join_prepared(prepared)


def join_prepared(prepared: Sequence[Prepared]) -> Prepared:
    """Make one data set of several, in their order; of a single one, that one.

    Image ids that two of them have are told apart as `source:image_id`. Equal ids of lesions or groups mean
    the same lesion or group in all sources. A mere number means nothing outside its source, so it becomes
    `source:number`.

    Raises:
        DataError: there is none, two have one name, or their classes differ.
    """
    if not prepared:
        raise DataError("No prepared data set is named; give at least one folder.")
    if len(prepared) == 1:
        return prepared[0]
    index = pd.concat([data.index for data in prepared], ignore_index=True)
    names = [name for data in prepared for name in data.index["source"].unique()]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise DataError(
            f"Two data sets are called {min(repeated)!r}; prepare one again with another --source-name."
        )
    classes = prepared[0].classes
    for data in prepared[1:]:
        if data.classes.codes != classes.codes:
            raise DataError(
                f"{data.index['source'].iloc[0]} has the classes {', '.join(data.classes.codes)} and "
                f"{names[0]} {', '.join(classes.codes)}; prepare them with one --classes."
            )
    for column in ("lesion_id", "group_id"):
        index[column] = _qualified(index, column, index[column].str.fullmatch(r"\d+"))
    index["image_id"] = _qualified(index, "image_id", index["image_id"].duplicated(keep=False))
    fingerprint = joint_fingerprint([data.fingerprint for data in prepared])
    return Prepared(JoinedImages([data.images for data in prepared]), index, fingerprint, classes)


def fingerprint_of(directories: Sequence[Path]) -> str | None:
    """The fingerprint of one or more prepared data sets as one, without opening them; None if one is gone."""
    found = [(read_report(directory) or {}).get("fingerprint") for directory in directories]
    return None if None in found else joint_fingerprint([str(fingerprint) for fingerprint in found])


def joint_fingerprint(fingerprints: Sequence[str]) -> str:
    """The fingerprint of data sets as one, in any order, from those of each."""
    if len(fingerprints) == 1:
        return fingerprints[0]
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()


def named_as_in(prepared: Prepared, image_ids: "pd.Series[str]") -> Prepared:
    """The same data set with the ids that a split of more sources tells its images apart by."""
    apart = prepared.index["source"] + ":" + prepared.index["image_id"]
    ids = prepared.index["image_id"].mask(apart.isin(image_ids), apart)
    return replace(prepared, index=prepared.index.assign(image_id=ids))


def _qualified(index: pd.DataFrame, column: str, where: "pd.Series[bool]") -> "pd.Series[str]":
    return index[column].mask(where, index["source"] + ":" + index[column])
