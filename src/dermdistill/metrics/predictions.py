"""predictions.csv: one row per scored image. After this file no evaluation step needs a model.

Columns: image_id, lesion_id, diagnosis, split, group_id (the patient, where known), and `p_<code>` for each
class of the table. A row's probabilities sum to 1, but for rounding. Which classes there are, and in which
order, the columns say; what they are, `find_classes` finds out.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import ClassTable, preset_with
from dermdistill.errors import DataError
from dermdistill.files import write_atomically
from dermdistill.tables import known_or, numbers, read_table

# The split that temperature, thresholds and conformal sets are fitted on.
FIT_SPLIT = "val"
KEYS = ("image_id", "lesion_id", "diagnosis", "split")
GROUP = "group_id"
_PREFIX = "p_"
_SUM_TOLERANCE = 1e-4


def read_predictions(path: Path, *, split: str | None = None) -> pd.DataFrame:
    """Read and validate a predictions file, compressed (.xz, .gz) or not; with `split`, only its rows.

    An unknown lesion is a lesion of its own.

    Raises:
        DataError: the file is missing, is no such table, or breaks the contract; every problem is named.
    """
    frame = read_table(path)
    if "lesion_id" in frame and "image_id" in frame:
        frame["lesion_id"] = known_or(frame["lesion_id"], frame["image_id"])
    columns = prob_columns(codes_of(frame))
    frame = validated(frame.assign(**{column: numbers(frame[column]) for column in columns}), name=str(path))
    if split is None:
        return frame
    return select_split(frame, split, name=str(path))


def find_classes(path: Path, codes: Iterable[str]) -> ClassTable:
    """The class table of a predictions file with these class codes.

    What the .json beside it says, as our own commands write it, else the preset that has exactly these codes.

    Raises:
        DataError: neither is there.
    """
    try:
        stored = json.loads(_json_beside(path).read_text(encoding="utf-8"))["classes"]
    except (OSError, ValueError, KeyError, TypeError):
        stored = None
    codes = tuple(codes)
    table = preset_with(codes) if stored is None else ClassTable.from_dict(stored)
    if table is None or set(table.codes) != set(codes):
        raise DataError(
            f"{path} has the classes {', '.join(codes)}, and nothing says what they are: name their table "
            "with --classes."
        )
    return table


def _json_beside(path: Path) -> Path:
    """`predictions.json` for `predictions.csv`, compressed or not."""
    return path.with_name(f"{path.name.partition('.csv')[0]}.json")


def write_classes(path: Path, classes: ClassTable) -> None:
    """Write the class table of a predictions file beside it, for `find_classes`."""
    text = json.dumps({"classes": classes.to_dict()}, indent=1) + "\n"
    write_atomically(_json_beside(path), text.encode())


def predictions_in(folder: Path) -> Path:
    """The predictions file of a run or of a folder of results, which may be compressed."""
    names = ("predictions.csv", "predictions.csv.xz", "predictions.csv.gz")
    return next((path for name in names if (path := folder / name).exists()), folder / names[0])


def write_predictions(frame: pd.DataFrame, path: Path) -> None:
    """Validate and write predictions with nine significant digits, under a temporary name, then move.

    Raises:
        DataError: the frame breaks the contract; nothing is written.
    """
    frame = validated(frame, name=path.name)
    text = frame.to_csv(index=False, float_format="%.9g", lineterminator="\n")
    write_atomically(path, text.encode())


def select_split(frame: pd.DataFrame, split: str, *, name: str = "predictions") -> pd.DataFrame:
    """Rows of one split, renumbered from 0.

    Raises:
        DataError: the split has no rows.
    """
    chosen = frame[frame["split"] == split].reset_index(drop=True)
    if chosen.empty:
        there = ", ".join(sorted(frame["split"].unique()))
        raise DataError(f"{name} has no rows of split '{split}'; it holds {there}.")
    return chosen


def prob_columns(codes: Iterable[str]) -> list[str]:
    """Names of the columns that hold the probabilities of these classes."""
    return [f"{_PREFIX}{code}" for code in codes]


def codes_of(frame: pd.DataFrame) -> tuple[str, ...]:
    """Class codes of a predictions frame, in the order of its columns."""
    names = [str(column) for column in frame.columns]
    return tuple(name.removeprefix(_PREFIX) for name in names if name.startswith(_PREFIX))


def labels_in(codes: Iterable[str], diagnoses: "pd.Series[str]") -> NDArray[np.intp]:
    """Positions `[n]` of diagnoses among class codes; -1 for what is none of them."""
    return np.asarray(pd.Categorical(diagnoses, categories=list(codes)).codes, np.intp)


def labels_of(frame: pd.DataFrame) -> NDArray[np.intp]:
    """True classes `[n]` as positions in `codes_of(frame)`."""
    return labels_in(codes_of(frame), frame["diagnosis"])


def groups_of(frame: pd.DataFrame) -> "pd.Series[str]":
    """What is resampled as a whole `[n]`: each image's patient where that is known, else its lesion."""
    return frame[GROUP] if GROUP in frame else frame["lesion_id"]


def probs_of(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Probabilities `[n, classes]`, each row brought to sum 1 after its rounding in the file."""
    probs = frame[prob_columns(codes_of(frame))].to_numpy(np.float64)
    return cast(NDArray[np.float64], probs / probs.sum(axis=1, keepdims=True))


def with_probs(frame: pd.DataFrame, probs: NDArray[np.floating]) -> pd.DataFrame:
    """The same rows with other probabilities `[n, classes]`, for instance calibrated ones."""
    changed = frame.copy()
    changed[prob_columns(codes_of(frame))] = np.asarray(probs, np.float64)
    return changed


def validated(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """The contract's columns of `frame`, in order, when every rule holds.

    Raises:
        DataError: one sentence that names every broken rule with its count and first offender.
    """
    codes = codes_of(frame)
    missing = [column for column in KEYS if column not in frame.columns]
    if missing or len(codes) < 2:
        lacks = [*missing, *([f"{_PREFIX}<code>"] if len(codes) < 2 else [])]
        raise DataError(
            f"{name} lacks the columns {', '.join(lacks)}; it needs {', '.join(KEYS)} and "
            f"{_PREFIX}<code> for each class."
        )
    if frame.empty:
        raise DataError(f"{name} has no rows; score the model again.")
    columns = prob_columns(codes)
    known = [GROUP] if GROUP in frame else []
    frame = frame[[*KEYS, *known, *columns]].reset_index(drop=True)
    if known:
        frame[GROUP] = known_or(frame[GROUP], frame["lesion_id"])
    numbers = frame[columns].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    problems = _problems(frame, numbers.to_numpy(), codes)
    if problems:
        raise DataError(f"{name} cannot be used: {'; '.join(problems)}; score the model again.")
    frame[columns] = numbers
    return frame


def rounding_tolerance(probs: NDArray[np.floating]) -> float:
    """How far from 1 the sums of probabilities `[n, classes]` may be that were rounded as these are.

    Each of them is off by at most half a unit of the last decimal. Fewer than two decimals are no
    rounding but another mistake.
    """
    decimals = next((d for d in range(2, 9) if np.allclose(probs, probs.round(d), rtol=0, atol=1e-11)), 9)
    return max(_SUM_TOLERANCE, float(0.5 * 10.0**-decimals * probs.shape[1] * (1 + 1e-6)))


def _problems(frame: pd.DataFrame, probs: NDArray[np.float64], codes: tuple[str, ...]) -> list[str]:
    finite = np.asarray(np.isfinite(probs).all(axis=1), np.bool_)
    known = np.where(finite[:, None], probs, 1 / len(codes))
    splits_per_lesion = frame.groupby("lesion_id")["split"].transform("nunique")
    keys = frame[["image_id", "lesion_id", "split"]]
    rules: dict[str, NDArray[np.bool_] | pd.Series] = {
        "rows have a probability that is not a finite number": ~finite,
        "rows have a negative probability": known.min(axis=1) < 0,
        "rows do not sum to 1": np.abs(known.sum(axis=1) - 1) > rounding_tolerance(probs[finite]),
        "rows repeat an image_id": frame["image_id"].duplicated(),
        "rows have no image_id, lesion_id or split": (keys.isna() | (keys == "")).any(axis=1),
        "rows have a diagnosis without a column of its own": ~frame["diagnosis"].isin(codes),
        "rows show a lesion that is in more than one split": splits_per_lesion > 1,
    }
    broken = {text: np.flatnonzero(rule) for text, rule in rules.items() if np.any(rule)}
    return [
        f"{len(rows)} {text} (first: row {rows[0] + 1}, {frame['image_id'].iloc[rows[0]]})"
        for text, rows in broken.items()
    ]
