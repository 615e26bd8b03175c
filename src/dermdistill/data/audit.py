"""What a split leaks: groups and near-duplicate images that lie in more than one of its splits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from dermdistill.data.dealing import assign_groups
from dermdistill.data.groups import joined_groups
from dermdistill.data.joined import named_as_in
from dermdistill.data.near_duplicates import THRESHOLD, near_duplicates
from dermdistill.data.prepared import Prepared
from dermdistill.data.sources.images import strip_suffix
from dermdistill.errors import DataError
from dermdistill.tables import known, read_table

COLUMNS = ("image_id", "source", "lesion_id", "group_id", "diagnosis", "split")


@dataclass(frozen=True)
class Leak:
    """What one class (or all of them) leaks.

    Attributes:
        lesions: lesions in all.
        leaked_lesions: lesions whose group (the patient where known, or the lesions that link to one another)
            has images in more than one split.
        held_out: images outside the train split.
        leaked_images: those of them whose group also has images in another split.
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
        parts: images per split.
        leaks: per class, and "all", of the split itself.
        by_image: the same of a stratified split by image with the same shares, for comparison.
        fold_leaked_lesions: lesions whose group is in two folds; None when the file has no folds.
        groups: number of groups.
        leaked_groups: each group in more than one split, with its lesions and splits.
        repeated_images: images named in more than one split.
        near_duplicates: pairs of images in two splits, with their sources, lesions, splits and correlation;
            None without the pixels.
    """

    parts: dict[str, int]
    leaks: dict[str, Leak]
    by_image: dict[str, Leak]
    fold_leaked_lesions: int | None
    groups: int
    leaked_groups: list[dict[str, Any]]
    repeated_images: list[str]
    near_duplicates: list[dict[str, Any]] | None

    @property
    def leaking(self) -> bool:
        """Whether anything at all is in two splits."""
        return bool(
            self.leaks["all"].leaked_lesions
            or self.fold_leaked_lesions
            or self.repeated_images
            or self.near_duplicates
        )


def read_any_split(path: Path, prepared: Prepared | None = None) -> pd.DataFrame:
    """Read a split file made by anybody: image_id, split, and what else it has of `COLUMNS`, and fold.

    Args:
        path: the csv.
        prepared: the prepared data, whose lesions, groups and diagnoses are believed before the file's.

    Returns:
        `COLUMNS` and, if there, fold. An unknown diagnosis is "unknown", an unknown source is empty. A group
        is joined with all groups that share an image or lesion with it.

    Raises:
        DataError: a column is missing, there are no rows, the prepared data lack an image, or nothing tells
            the lesion of one.
    """
    table = read_table(path)
    if missing := [column for column in ("image_id", "split") if column not in table]:
        raise DataError(f"{path} lacks the column(s) {', '.join(missing)}; a split needs image_id and split.")
    if table.empty:
        raise DataError(f"{path} names no images; make the split again.")
    table["image_id"] = table["image_id"].map(strip_suffix)
    told = table.reindex(columns=[*COLUMNS, "linked_lesion"], fill_value="")
    told[["lesion_id", "group_id"]] = told[["lesion_id", "group_id"]].apply(known)
    if prepared is not None:
        index = named_as_in(prepared, table["image_id"]).index.set_index("image_id")
        absent = table.loc[~table["image_id"].isin(index.index), "image_id"]
        if len(absent):
            raise DataError(
                f"{path} has {len(absent)} image(s) that the prepared data lack, first {absent.iloc[0]}; "
                "with --data give those that it was made of, or leave it out."
            )
        for column in ("source", "lesion_id", "group_id", "linked_lesion", "diagnosis"):
            told[column] = told["image_id"].map(index[column])
    if untold := int((told["lesion_id"] == "").sum()):
        raise DataError(
            f"{path} has {untold} image(s) whose lesion nothing tells; name the prepared data with --data."
        )
    told["group_id"] = told["group_id"].where(told["group_id"] != "", told["lesion_id"])
    told["group_id"] = joined_groups(told)
    told["diagnosis"] = told["diagnosis"].replace("", "unknown")
    folds = table[["fold"]] if "fold" in table else table[[]]
    return told[list(COLUMNS)].join(folds)


def audit(splits: pd.DataFrame, prepared: Prepared | None = None, *, threshold: float = THRESHOLD) -> Audit:
    """Audit a split.

    Args:
        splits: as from `read_any_split` or `make_splits`. Without group_id a lesion is a group. The split
        that is trained on is called train, else it is the largest.
        prepared: the prepared data set, to compare the pixels too.
        threshold: correlation above which two images count as near-duplicates.
    """
    splits = splits.assign(
        group_id=splits.get("group_id", splits["lesion_id"]), source=splits.get("source", "")
    )
    parts = splits["split"].value_counts()
    train = "train" if "train" in parts.index else str(parts.index[0])
    folds = splits[splits["fold"].astype(str) != "-1"] if "fold" in splits else None
    return Audit(
        parts={str(part): int(n) for part, n in parts.items()},
        leaks=count_leaks(splits, train),
        by_image=count_leaks(split_by_image(splits), train),
        fold_leaked_lesions=None if folds is None else _leaked_lesions(folds, "fold"),
        groups=splits["group_id"].nunique(),
        leaked_groups=_leaked_groups(splits),
        repeated_images=sorted(splits.loc[_repeated(splits), "image_id"].unique()),
        near_duplicates=None if prepared is None else _pairs_across(splits, prepared, threshold),
    )


def _leaked_lesions(splits: pd.DataFrame, part: str) -> int:
    return splits.loc[splits["group_id"].map(_spread(splits, part)) > 1, "lesion_id"].nunique()


def _leaked_groups(splits: pd.DataFrame) -> list[dict[str, Any]]:
    leaked = splits[splits["group_id"].map(_spread(splits, "split")) > 1]
    return [
        {
            "group": str(group),
            "lesions": sorted(images["lesion_id"].unique()),
            "parts": sorted(images["split"].unique()),
        }
        for group, images in leaked.groupby("group_id")
    ]


def count_leaks(splits: pd.DataFrame, train: str) -> dict[str, Leak]:
    """Count what each class, and "all", leaks; `train` names the split that is not held out."""
    spread = _spread(splits, "split")
    leaking = splits["group_id"].map(spread) > 1
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
    """Split the same images anew, with the same shares, stratified by diagnosis but blind to groups."""
    images = splits.drop_duplicates("image_id")
    counts = images["split"].value_counts()
    shares = {str(part): Fraction(int(n), len(images)) for part, n in sorted(counts.items())}
    blind = images.assign(group_id=images["image_id"])
    return images.assign(split=images["image_id"].map(assign_groups(blind, shares, "by image")))


def _spread(splits: pd.DataFrame, part: str) -> "pd.Series[int]":
    return splits.groupby("group_id")[part].nunique()


def _repeated(splits: pd.DataFrame) -> "pd.Series[bool]":
    return splits.groupby("image_id")["split"].transform("nunique") > 1


def _pairs_across(splits: pd.DataFrame, prepared: Prepared, threshold: float) -> list[dict[str, Any]]:
    parts = splits.groupby("image_id")["split"].agg(set)
    index = named_as_in(prepared, splits["image_id"]).index
    ids: Sequence[str] = index["image_id"].tolist()
    rows = splits.drop_duplicates("image_id").set_index("image_id")
    found = []
    for pair in near_duplicates(prepared.images, threshold=threshold):
        both = [ids[pair.first], ids[pair.second]]
        if all(image in parts.index for image in both) and len(set.union(*parts[both])) > 1:
            found.append(
                {
                    "images": both,
                    "sources": rows.loc[both, "source"].tolist(),
                    "lesions": rows.loc[both, "lesion_id"].tolist(),
                    "parts": [" ".join(sorted(parts[image])) for image in both],
                    "correlation": round(pair.correlation, 5),
                }
            )
    return sorted(found, key=lambda pair: -pair["correlation"])
