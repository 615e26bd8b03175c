"""Splits that keep a group whole: train, val, test and folds, stratified by diagnosis, the same for ever."""

import hashlib
import io
import json
from collections.abc import Collection, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from dermdistill.classes import ClassTable
from dermdistill.data.dealing import assign_groups
from dermdistill.data.groups import joined_groups, own_id
from dermdistill.errors import DataError
from dermdistill.files import write_atomically
from dermdistill.tables import known_or, read_table

COLUMNS = ("image_id", "lesion_id", "diagnosis", "split", "fold")
OF_SEVERAL = ("image_id", "source", "lesion_id", "group_id", "diagnosis", "split", "fold")
"""Columns of a split of several sources, or of one whose groups are not its lesions."""
SPLITS = ("train", "val", "test")
DEFAULT_SEED = 20180801


def make_splits(
    index: pd.DataFrame,
    *,
    seed: int = DEFAULT_SEED,
    val: float = 0.15,
    test: float = 0.15,
    folds: int = 5,
    keep: pd.DataFrame | None = None,
    test_only: Collection[str] = (),
    train_only: Collection[str] = (),
) -> pd.DataFrame:
    """Split an index into train, val and test by group, and the train split again into folds.

    Args:
        index: one row per image with image_id, lesion_id and diagnosis, and where they are known group_id,
            linked_lesion and source; in any order.
        seed: which of the possible splits.
        val: share of the images of each class and source that go to val, 0 to 1.
        test: share of the images of each class and source that go to test, 0 to 1; val + test < 1.
        folds: number of folds of the train split, at least 2, or 0 for none.
        keep: an earlier split, as from `read_splits`. Its images stay in their split and fold. So do the
        other images of their lesions and groups, and lesions that link to them.
        test_only: sources that go to test as a whole.
        train_only: sources that go to train as a whole, as generated pictures do.

    Returns:
        image_id, lesion_id, diagnosis, split and fold (-1 outside train), sorted by image_id; with several
        sources, or groups of several lesions, also source and group_id.

    Raises:
        DataError: a setting is out of range, image ids repeat, or one group is wanted in two splits.
    """
    if not (0 <= val < 1 and 0 <= test < 1 and val + test < 1):
        raise DataError(f"val {val} and test {test} must each be 0 or more and sum to less than 1.")
    if folds < 0 or folds == 1:
        raise DataError(f"folds is {folds}; give 0 for none, or at least 2.")
    table = _with_groups(index)
    names = sorted(set(table["source"]))
    if unknown := sorted(set(test_only) - set(names)):
        raise DataError(f"There is no source {unknown[0]!r} to test on; there are {', '.join(names)}.")
    placed = _placed(table, keep, {"test": test_only, "train": train_only}, folds)
    parts = {group: part for group, (part, _) in placed.items()}
    train = 1 - Fraction(str(val)) - Fraction(str(test))
    shares = {"train": train, "val": Fraction(str(val)), "test": Fraction(str(test))}
    parts |= assign_groups(_strata(table[~table["group_id"].isin(parts.keys())]), shares, f"{seed}:split")
    table["split"] = table["group_id"].map(parts).astype(str)
    table["fold"] = -1
    if folds:
        fold_of = {group: fold for group, (_, fold) in placed.items() if fold >= 0}
        rest = table[(table["split"] == "train") & ~table["group_id"].isin(fold_of.keys())]
        fold_of |= assign_groups(
            _strata(rest), dict.fromkeys(range(folds), Fraction(1, folds)), f"{seed}:fold"
        )
        table["fold"] = table["group_id"].map(fold_of).fillna(-1).astype(int)
    several = table["source"].nunique() > 1 or (table["group_id"] != table["lesion_id"]).any()
    return table.loc[:, list(OF_SEVERAL if several else COLUMNS)]


def _with_groups(index: pd.DataFrame) -> pd.DataFrame:
    """The columns that decide a split, sorted by image id, with the groups joined."""
    table = index.loc[:, ["image_id", "lesion_id", "diagnosis"]].astype(str)
    table["source"] = index.get("source", "")
    table["linked_lesion"] = index.get("linked_lesion", "")
    table["group_id"] = index["group_id"] if "group_id" in index else table["lesion_id"]
    if table["image_id"].duplicated().any():
        raise DataError("The index names an image twice; prepare the data set again.")
    table["group_id"] = joined_groups(table)
    return table.sort_values("image_id", ignore_index=True)


def _strata(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its sources in its diagnoses, so that each source is shared out by itself."""
    return table.assign(diagnosis=table["diagnosis"] + "\t" + table["source"])


def _placed(
    table: pd.DataFrame, keep: pd.DataFrame | None, whole: Mapping[str, Collection[str]], folds: int
) -> dict[str, tuple[str, int]]:
    """The groups whose split is decided, each with split and fold (-1 for none or not decided)."""
    wanted = []
    if keep is not None:
        kept_folds = set(keep["fold"]) - {-1}
        if folds and kept_folds and kept_folds != set(range(folds)):
            raise DataError(
                f"The split to keep has {len(kept_folds)} folds, not {folds}; give that number by --folds."
            )
        wanted += _as_kept(table, keep)
    wanted += [
        (group, part, -1)
        for part, sources in whole.items()
        for group in table.loc[table["source"].isin(sources), "group_id"].unique()
    ]
    placed: dict[str, tuple[str, int]] = {}
    for group, part, fold in wanted:
        if fold == -1 and placed.get(group, ("", -1))[0] == part:
            continue  # a source of one split says nothing of folds
        if placed.setdefault(group, (part, fold)) != (part, fold):
            raise DataError(
                f"The group {group} would lie in {placed[group][0]} and {part} (folds {placed[group][1]} and "
                f"{fold}). The split to keep has its lesions apart, or one lies in a source of one split."
            )
    return placed


def _as_kept(table: pd.DataFrame, keep: pd.DataFrame) -> list[tuple[str, str, int]]:
    """Group, split and fold of each image that an earlier split names, or whose lesion it names."""
    own = table.assign(image_id=list(map(own_id, table["image_id"], table["source"])))
    if "source" in keep:
        keep = keep.assign(image_id=list(map(own_id, keep["image_id"], keep["source"])))
    found: list[tuple[str, str, int]] = []
    for theirs, ours in (
        ("image_id", "image_id"),
        ("lesion_id", "lesion_id"),
        ("lesion_id", "linked_lesion"),
    ):
        keys = ["source"] if "source" in keep and ours != "linked_lesion" else []
        places = keep.drop_duplicates([*keys, theirs]).rename(columns={theirs: ours})
        at = own[["group_id", ours, *keys]].merge(places[[ours, *keys, "split", "fold"]], on=[ours, *keys])
        found += at[["group_id", "split", "fold"]].itertuples(index=False, name=None)
    return found


def write_splits(splits: pd.DataFrame, path: Path, settings: Mapping[str, object]) -> dict[str, Any]:
    """Write splits.csv and, beside it, a .json with the settings, the counts and the csv's SHA-256.

    Returns:
        What the .json holds: the settings, `images` and `lesions` per split and class, and `sha256`.

    Raises:
        DataError: the name does not end in .csv, or another split lies there, which runs may rely on.
    """
    if path.suffix != ".csv":
        raise DataError(f"{path} does not end in .csv; give a name that does, a .json goes beside it.")
    text = io.StringIO()
    splits.loc[:, list(OF_SEVERAL if "source" in splits else COLUMNS)].to_csv(
        text, index=False, lineterminator="\n"
    )
    data = text.getvalue().encode()
    if path.exists() and path.read_bytes() != data:
        raise DataError(f"{path} holds another split or other data; remove it or give another name.")
    summary = {
        **settings,
        "images": count(splits, "image_id"),
        "lesions": count(splits, "lesion_id"),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    write_atomically(path, data)
    write_atomically(path.with_suffix(".json"), (json.dumps(summary, indent=2) + "\n").encode())
    return summary


def count(splits: pd.DataFrame, unit: str) -> dict[str, dict[str, int]]:
    """Count distinct values of the column `unit` per split and diagnosis."""
    counts = splits.groupby(["split", "diagnosis"])[unit].nunique()
    present = [*SPLITS, *sorted(set(splits["split"]) - set(SPLITS))]
    return {
        part: {str(diagnosis): int(n) for diagnosis, n in counts.loc[part].items()}
        for part in present
        if part in counts.index.get_level_values(0)
    }


def read_splits(path: Path, classes: ClassTable | None = None) -> pd.DataFrame:
    """Read a splits.csv and check that it can be trained from.

    Args:
        path: the csv.
        classes: what its diagnoses must be of, where that is known.

    Returns:
        Strings image_id, lesion_id, diagnosis, split (train, val or test) and int fold; of several sources
        also source and group_id.

    Raises:
        DataError: the file is missing, is not a csv or lacks a column; an image is named twice; a split or a
        diagnosis is unknown; or a lesion or a group lies in two splits.
    """
    try:
        splits = read_table(path)
    except DataError as error:
        raise DataError(f"{str(error).rstrip('.')}; or run `dermdistill data split`.") from error
    if missing := [column for column in COLUMNS if column not in splits.columns]:
        raise DataError(f"{path} lacks the column(s) {', '.join(missing)}; run `dermdistill data split`.")
    if unknown := sorted(set(splits["split"]) - set(SPLITS)):
        raise DataError(f"{path} has the unknown split(s) {', '.join(unknown)}; use train, val, test.")
    if classes and (unknown := sorted(set(splits["diagnosis"]) - set(classes.codes))):
        raise DataError(
            f"{path} has the unknown diagnoses {', '.join(unknown)}; use {', '.join(classes.codes)}."
        )
    if splits["image_id"].duplicated().any():
        raise DataError(f"{path} names an image twice; make the split again with `dermdistill data split`.")
    splits["lesion_id"] = known_or(splits["lesion_id"], splits["image_id"])
    if "group_id" in splits:
        splits["group_id"] = known_or(splits["group_id"], splits["lesion_id"])
    columns = OF_SEVERAL if {"source", "group_id"} <= set(splits.columns) else COLUMNS
    for column in {"lesion_id", "group_id"} & set(columns):
        if (splits.groupby(column)["split"].nunique() > 1).any():
            raise DataError(
                f"{path} puts a {column.removesuffix('_id')} into two splits; see `dermdistill data audit "
                f"{path}`."
            )
    try:
        splits["fold"] = splits["fold"].astype(int)
    except ValueError as error:
        raise DataError(f"{path} has a fold that is not a whole number; make the split again.") from error
    return splits.loc[:, list(columns)]
