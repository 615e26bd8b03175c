"""What a split leaks: lesions and near-duplicate images that lie in more than one of its parts."""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.data.prepared import Prepared
from dermdistill.data.sources.metadata import read_table, strip_suffix
from dermdistill.data.splits import assign_lesions
from dermdistill.errors import DataError

THRESHOLD = 0.998
_SIDE = 32
_BLOCK = 2048


@dataclass(frozen=True)
class Leak:
    """What one class (or all of them) leaks.

    Attributes:
        lesions: lesions in all.
        leaked_lesions: lesions with images in more than one part.
        held_out: images outside the train part.
        leaked_images: those of them whose lesion also has images in another part.
    """

    lesions: int
    leaked_lesions: int
    held_out: int
    leaked_images: int

    @property
    def leaked_share(self) -> float:
        """Share of the held-out images that leak, 0 to 1; NaN when none is held out."""
        return self.leaked_images / self.held_out if self.held_out else math.nan


@dataclass(frozen=True)
class Audit:
    """The audit of one split file.

    Attributes:
        parts: images per part.
        leaks: per class, and "all", of the split itself.
        by_image: the same of a stratified split by image with the same shares, for comparison.
        fold_leaked_lesions: lesions in two folds; None when the file has no folds.
        repeated_images: images named in more than one part.
        near_duplicates: pairs of images in two parts with their correlation; None without the pixels.
    """

    parts: dict[str, int]
    leaks: dict[str, Leak]
    by_image: dict[str, Leak]
    fold_leaked_lesions: int | None
    repeated_images: list[str]
    near_duplicates: list[dict[str, Any]] | None

    @property
    def leaking(self) -> bool:
        """Whether anything at all is in two parts."""
        return bool(
            self.leaks["all"].leaked_lesions
            or self.fold_leaked_lesions
            or self.repeated_images
            or self.near_duplicates
        )


def read_any_split(path: Path, prepared: Prepared | None = None) -> pd.DataFrame:
    """Read a split file made by anybody: image_id, split, and if it has them fold, lesion_id, diagnosis.

    Args:
        path: the csv.
        prepared: a prepared data set, whose lesions and diagnoses are believed before the file's.

    Returns:
        image_id, lesion_id, diagnosis ("unknown" where nothing tells), split and, if there, fold.

    Raises:
        DataError: a column is missing, there are no rows, the prepared data lack an image, or nothing tells
            the lesion of one.
    """
    table = read_table(path)
    if missing := [column for column in ("image_id", "split") if column not in table]:
        raise DataError(f"{path} lacks the column(s) {', '.join(missing)}; a split needs image_id and split.")
    if table.empty:
        raise DataError(f"{path} names no images; make the split again.")
    table["image_id"] = table["image_id"].str.strip().map(strip_suffix)
    table["split"] = table["split"].str.strip()
    if prepared is not None:
        absent = table.loc[~table["image_id"].isin(prepared.index["image_id"]), "image_id"]
        if len(absent):
            raise DataError(
                f"{path} has {len(absent)} image(s) that the prepared data lack, first {absent.iloc[0]}; "
                "with --data give those that it was made of, or leave it out."
            )
    for column in ("lesion_id", "diagnosis"):
        told = table[column] if column in table else pd.Series("", index=table.index)
        if prepared is not None:
            known = prepared.index.set_index("image_id")[column]
            told = table["image_id"].map(known)
        table[column] = told
    if untold := int((table["lesion_id"] == "").sum()):
        raise DataError(
            f"{path} has {untold} image(s) whose lesion nothing tells; name the prepared data with --data."
        )
    table["diagnosis"] = table["diagnosis"].replace("", "unknown")
    columns = ["image_id", "lesion_id", "diagnosis", "split", *(["fold"] if "fold" in table else [])]
    return table[columns]


def audit(splits: pd.DataFrame, prepared: Prepared | None = None, *, threshold: float = THRESHOLD) -> Audit:
    """Audit a split.

    Args:
        splits: as from `read_any_split`; the part that is trained on is called train, else it is the largest.
        prepared: the prepared data set, to compare the pixels too.
        threshold: correlation above which two images count as near-duplicates.
    """
    parts = splits["split"].value_counts()
    train = "train" if "train" in parts.index else str(parts.index[0])
    folds = splits[splits["fold"] != "-1"] if "fold" in splits else None
    return Audit(
        parts={str(part): int(n) for part, n in parts.items()},
        leaks=count_leaks(splits, train),
        by_image=count_leaks(split_by_image(splits), train),
        fold_leaked_lesions=None if folds is None else int((_spread(folds, "fold") > 1).sum()),
        repeated_images=sorted(splits.loc[_repeated(splits), "image_id"].unique()),
        near_duplicates=None if prepared is None else _pairs_across(splits, prepared, threshold),
    )


def count_leaks(splits: pd.DataFrame, train: str) -> dict[str, Leak]:
    """Count what each class, and "all", leaks; `train` names the part that is not held out."""
    spread = _spread(splits, "split")
    leaking = splits["lesion_id"].map(spread) > 1
    held_out = splits["split"] != train

    def leak(chosen: "pd.Series[bool]") -> Leak:
        return Leak(
            lesions=splits.loc[chosen, "lesion_id"].nunique(),
            leaked_lesions=splits.loc[chosen & leaking, "lesion_id"].nunique(),
            held_out=int((chosen & held_out).sum()),
            leaked_images=int((chosen & held_out & leaking).sum()),
        )

    classes = {str(code): leak(splits["diagnosis"] == code) for code in sorted(splits["diagnosis"].unique())}
    return {**classes, "all": leak(splits["diagnosis"].notna())}


def split_by_image(splits: pd.DataFrame) -> pd.DataFrame:
    """Split the same images anew, with the same shares, stratified by diagnosis but blind to lesions."""
    images = splits.drop_duplicates("image_id")
    counts = images["split"].value_counts()
    shares = {str(part): Fraction(int(n), len(images)) for part, n in sorted(counts.items())}
    blind = images.assign(lesion_id=images["image_id"])
    return images.assign(split=images["image_id"].map(assign_lesions(blind, shares, "by image")))


def _spread(splits: pd.DataFrame, part: str) -> "pd.Series[int]":
    return splits.groupby("lesion_id")[part].nunique()


def _repeated(splits: pd.DataFrame) -> "pd.Series[bool]":
    return splits.groupby("image_id")["split"].transform("nunique") > 1


def _pairs_across(splits: pd.DataFrame, prepared: Prepared, threshold: float) -> list[dict[str, Any]]:
    parts = splits.groupby("image_id")["split"].agg(set)
    ids: Sequence[str] = prepared.index["image_id"].tolist()
    return [
        {"images": [ids[pair.first], ids[pair.second]], "correlation": round(pair.correlation, 5)}
        for pair in near_duplicates(prepared.images, threshold=threshold)
        if len(parts.get(ids[pair.first], set()) | parts.get(ids[pair.second], set())) > 1
        and ids[pair.first] in parts.index
        and ids[pair.second] in parts.index
    ]


@dataclass(frozen=True)
class Pair:
    """Two images by position, first < second, and the correlation of their grey values, -1 to 1."""

    first: int
    second: int
    correlation: float


def near_duplicates(images: NDArray[np.uint8], *, threshold: float = THRESHOLD) -> list[Pair]:
    """Find all pairs of images that correlate above a threshold.

    Args:
        images: uint8 RGB `[n, size, size, 3]`; may be memory-mapped.
        threshold: Pearson correlation of the images' grey values at 32x32, -1 to 1.

    Returns:
        The pairs, by position. An image of a single grey has no correlation and is in no pair.
    """
    pairs: list[Pair] = []
    for row, column, correlations in _blocks(_standardised(images)):
        for first, second in np.argwhere(correlations > threshold):
            if row + first < column + second:
                value = min(float(correlations[first, second]), 1.0)
                pairs.append(Pair(int(row + first), int(column + second), value))
    return sorted(pairs, key=lambda pair: (pair.first, pair.second))


def _standardised(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey 32x32 vectors `[n, 1024]` of mean 0 and length 1, so that a dot product is a correlation."""
    with ThreadPoolExecutor() as pool:
        small = np.stack(list(pool.map(_shrink, images))) if len(images) else np.zeros((0, _SIDE**2))
    centred = small - small.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(length > 0, length, 1), np.float32)


def _shrink(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    grey = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()


def _blocks(vectors: NDArray[np.float32]) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Yield the upper triangle of the matrix of all correlations, block by block, to bound the memory."""
    for row in range(0, len(vectors), _BLOCK):
        for column in range(row, len(vectors), _BLOCK):
            yield row, column, vectors[row : row + _BLOCK] @ vectors[column : column + _BLOCK].T
