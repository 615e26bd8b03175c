"""Splits that keep a lesion whole: train, val, test and folds, stratified by diagnosis, the same for ever.

The order of lesions comes from a hash of seed and lesion id, never from a random generator or the order of
rows, so the same lesions give the same split on every machine and with every library version.
"""

import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from dermdistill.errors import DataError
from dermdistill.files import write_atomically
from dermdistill.taxonomy import CLASSES

COLUMNS = ("image_id", "lesion_id", "diagnosis", "split", "fold")
PARTS = ("train", "val", "test")
DEFAULT_SEED = 20180801

Part = TypeVar("Part", bound=Hashable)


def make_splits(
    index: pd.DataFrame, *, seed: int = DEFAULT_SEED, val: float = 0.15, test: float = 0.15, folds: int = 5
) -> pd.DataFrame:
    """Split an index into train, val and test by lesion, and the train part again into folds.

    Args:
        index: one row per image with image_id, lesion_id and diagnosis; in any order.
        seed: which of the possible splits.
        val: share of each class's images that go to val, 0 to 1.
        test: share of each class's images that go to test, 0 to 1; val + test < 1.
        folds: number of folds of the train part, at least 2, or 0 for none.

    Returns:
        image_id, lesion_id, diagnosis, split and fold (-1 outside train), sorted by image_id.

    Raises:
        DataError: a setting is out of range, or image ids repeat.
    """
    if not (0 <= val < 1 and 0 <= test < 1 and val + test < 1):
        raise DataError(f"val {val} and test {test} must each be 0 or more and sum to less than 1.")
    if folds < 0 or folds == 1:
        raise DataError(f"folds is {folds}; give 0 for none, or at least 2.")
    table = index.loc[:, ["image_id", "lesion_id", "diagnosis"]].astype(str)
    if table["image_id"].duplicated().any():
        raise DataError("The index names an image twice; prepare the data set again.")
    table = table.sort_values("image_id", ignore_index=True)
    train = 1 - Fraction(str(val)) - Fraction(str(test))
    shares = {"train": train, "val": Fraction(str(val)), "test": Fraction(str(test))}
    table["split"] = table["lesion_id"].map(assign_lesions(table, shares, f"{seed}:split")).astype(str)
    table["fold"] = -1
    if folds:
        in_train = table["split"] == "train"
        equal = dict.fromkeys(range(folds), Fraction(1, folds))
        fold_of = assign_lesions(table[in_train], equal, f"{seed}:fold")
        table.loc[in_train, "fold"] = table.loc[in_train, "lesion_id"].map(fold_of).astype(int)
    return table


def assign_lesions(table: pd.DataFrame, shares: Mapping[Part, Fraction], salt: str) -> dict[str, Part]:
    """Give each lesion whole to one part, class by class, so that each part nears its share of the images.

    Args:
        table: lesion_id and diagnosis, one row per image, in any order. A lesion with two diagnoses counts
            as its commonest, the first by name if two are.
        shares: each part's share; they sum to 1.
        salt: another text gives another of the possible assignments.

    Returns:
        Lesion id to part.
    """
    diagnoses: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for lesion, diagnosis in zip(table["lesion_id"], table["diagnosis"], strict=True):
        diagnoses[lesion][diagnosis] += 1
    strata: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for lesion, counts in diagnoses.items():
        commonest = min(counts, key=lambda diagnosis: (-counts[diagnosis], diagnosis))
        strata[commonest][lesion] = counts.total()
    assigned: dict[str, Part] = {}
    for sizes in strata.values():
        order = sorted(sizes, key=lambda lesion: (-sizes[lesion], _hash(salt, lesion)))
        parts = _deal([sizes[lesion] for lesion in order], shares)
        assigned.update(zip(order, parts, strict=True))
    return assigned


def _hash(salt: str, lesion_id: str) -> str:
    return hashlib.sha256(f"{salt}:{lesion_id}".encode()).hexdigest()


def _deal(sizes: Sequence[int], shares: Mapping[Part, Fraction]) -> list[Part]:
    """Deal lesions, in order, each to the part that lags furthest behind its share of the images so far.

    Exact fractions make ties the same everywhere. The last lesions go to parts that have none yet, so that
    every part sees every class that has at least as many lesions as there are parts.
    """
    wanted = [part for part, share in shares.items() if share > 0]
    held = dict.fromkeys(wanted, 0)
    dealt: list[Part] = []
    so_far = 0
    for position, size in enumerate(sizes):
        so_far += size
        empty = [part for part in wanted if held[part] == 0]
        choice = empty if len(sizes) - position <= len(empty) else wanted
        part = max(choice, key=lambda part: shares[part] * so_far - held[part])
        held[part] += size
        dealt.append(part)
    return dealt


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
    splits.loc[:, list(COLUMNS)].to_csv(text, index=False, lineterminator="\n")
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
    present = [*PARTS, *sorted(set(splits["split"]) - set(PARTS))]
    return {
        part: {str(diagnosis): int(n) for diagnosis, n in counts.loc[part].items()}
        for part in present
        if part in counts.index.get_level_values(0)
    }


def read_splits(path: Path) -> pd.DataFrame:
    """Read a splits.csv and check that it can be trained from.

    Returns:
        Strings image_id, lesion_id, diagnosis, split (train, val or test) and int fold.

    Raises:
        DataError: the file is missing or no csv, a column is missing, an image is named twice, a part is
            or a diagnosis is unknown, or a lesion lies in two parts.
    """
    try:
        splits = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as csv ({error}); run `dermdistill data split`.") from error
    if missing := [column for column in COLUMNS if column not in splits.columns]:
        raise DataError(f"{path} lacks the column(s) {', '.join(missing)}; run `dermdistill data split`.")
    if unknown := sorted(set(splits["split"]) - set(PARTS)):
        raise DataError(f"{path} has the unknown split(s) {', '.join(unknown)}; use train, val, test.")
    if unknown := sorted(set(splits["diagnosis"]) - set(CLASSES)):
        raise DataError(f"{path} has the unknown diagnoses {', '.join(unknown)}; use {', '.join(CLASSES)}.")
    if splits["image_id"].duplicated().any():
        raise DataError(f"{path} names an image twice; make the split again with `dermdistill data split`.")
    if (splits.groupby("lesion_id")["split"].nunique() > 1).any():
        raise DataError(f"{path} puts a lesion into two parts; see `dermdistill data audit {path}`.")
    try:
        splits["fold"] = splits["fold"].astype(int)
    except ValueError as error:
        raise DataError(f"{path} has a fold that is no whole number; make the split again.") from error
    return splits.loc[:, list(COLUMNS)]
