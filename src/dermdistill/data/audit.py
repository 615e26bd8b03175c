"""What a split leaks: lesions and near-duplicate images that lie in more than one of its parts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from dermdistill.data.cache import Prepared
from dermdistill.data.duplicates import THRESHOLD, near_duplicates
from dermdistill.data.sources.metadata import read_table, strip_suffix
from dermdistill.data.splits import assign_lesions
from dermdistill.errors import DataError


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
