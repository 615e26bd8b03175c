"""predictions.csv: one row per scored image. After this file no evaluation step needs a model.

Columns: image_id, lesion_id, diagnosis, split, p_akiec … p_vasc (taxonomy order, each row summing to 1).
"""

import zlib
from lzma import LZMAError
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.errors import DataError
from dermdistill.files import write_atomically
from dermdistill.taxonomy import BY_CODE, CLASSES

# The split that temperature, thresholds and conformal sets are fitted on.
FIT_SPLIT = "val"
PROB_COLUMNS = tuple(f"p_{code}" for code in CLASSES)
COLUMNS = ("image_id", "lesion_id", "diagnosis", "split", *PROB_COLUMNS)
_SUM_TOLERANCE = 1e-4


def read_predictions(path: Path, *, split: str | None = None) -> pd.DataFrame:
    """Read and validate a predictions file, compressed (.xz, .gz) or not; with `split`, only its rows.

    Raises:
        DataError: the file is missing, is no such table, or breaks the contract; every problem is named.
    """
    try:
        frame = pd.read_csv(path, dtype=dict.fromkeys(COLUMNS[:4], "str"), keep_default_na=False)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}); check the path.") from error
    except (ValueError, EOFError, LZMAError, zlib.error, pd.errors.ParserError) as error:
        raise DataError(f"{path} is not a csv table ({error}); give a predictions.csv.") from error
    frame = validated(frame, name=str(path))
    if split is None:
        return frame
    return select_split(frame, split, name=str(path))


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


def labels_of(frame: pd.DataFrame) -> NDArray[np.intp]:
    """True classes `[n]` as positions in `CLASSES`."""
    return np.asarray(pd.Categorical(frame["diagnosis"], categories=list(CLASSES)).codes, np.intp)


def probs_of(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Probabilities `[n, 7]`, each row renormalised to sum to exactly 1 after its rounding in the file."""
    probs = frame[list(PROB_COLUMNS)].to_numpy(np.float64)
    return cast(NDArray[np.float64], probs / probs.sum(axis=1, keepdims=True))


def with_probs(frame: pd.DataFrame, probs: NDArray[np.floating]) -> pd.DataFrame:
    """The same rows with other probabilities `[n, 7]`, for instance calibrated ones."""
    changed = frame.copy()
    changed[list(PROB_COLUMNS)] = np.asarray(probs, np.float64)
    return changed


def validated(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """The contract's columns of `frame`, in order, when every rule holds.

    Raises:
        DataError: one sentence that names every broken rule with its count and first offender.
    """
    missing = [column for column in COLUMNS if column not in frame.columns]
    unknown = [c for c in frame.columns if c.startswith("p_") and c not in PROB_COLUMNS]
    if missing or unknown:
        parts = [f"lacks the columns {', '.join(missing)}"] if missing else []
        parts += [f"has probabilities of unknown classes ({', '.join(unknown)})"] if unknown else []
        raise DataError(f"{name} {' and '.join(parts)}; it needs {', '.join(COLUMNS)}.")
    if frame.empty:
        raise DataError(f"{name} has no rows; score the model again.")
    frame = frame[list(COLUMNS)].reset_index(drop=True)
    numbers = frame[list(PROB_COLUMNS)].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    problems = _problems(frame, numbers.to_numpy())
    if problems:
        raise DataError(f"{name} cannot be used: {'; '.join(problems)}; score the model again.")
    frame[list(PROB_COLUMNS)] = numbers
    return frame


def _problems(frame: pd.DataFrame, probs: NDArray[np.float64]) -> list[str]:
    finite = np.asarray(np.isfinite(probs).all(axis=1), np.bool_)
    known = np.where(finite[:, None], probs, 1 / len(CLASSES))
    splits_per_lesion = frame.groupby("lesion_id")["split"].transform("nunique")
    keys = frame[["image_id", "lesion_id", "split"]]
    rules: dict[str, NDArray[np.bool_] | pd.Series] = {
        "rows have a probability that is not a finite number": ~finite,
        "rows have a negative probability": known.min(axis=1) < 0,
        "rows do not sum to 1": np.abs(known.sum(axis=1) - 1) > _SUM_TOLERANCE,
        "rows repeat an image_id": frame["image_id"].duplicated(),
        "rows have no image_id, lesion_id or split": (keys.isna() | (keys == "")).any(axis=1),
        "rows have an unknown diagnosis": ~frame["diagnosis"].isin(list(BY_CODE)),
        "rows show a lesion that is in more than one split": splits_per_lesion > 1,
    }
    broken = {text: np.flatnonzero(rule) for text, rule in rules.items() if np.any(rule)}
    return [
        f"{len(rows)} {text} (first: row {rows[0] + 1}, {frame['image_id'].iloc[rows[0]]})"
        for text, rows in broken.items()
    ]
