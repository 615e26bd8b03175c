"""The table behind the learning curve, from a run's history.jsonl: one JSON object an epoch."""

import json
from pathlib import Path

import pandas as pd

from dermdistill.errors import DataError

# Bookkeeping that history keeps beside the figures worth drawing.
_NOT_DRAWN = ("epoch", "phase", "step", "time", "second", "rate", "image", "classes_predicted")
COLUMNS = ["epoch", "figure", "value"]


def learning_curve_frame(history_path: Path) -> pd.DataFrame:
    """Rows (epoch, figure, value) of every finite number in history.jsonl but bookkeeping.

    `best` is 1 for an epoch whose weights were kept, else 0; the last of them is the one that counts.

    A line cut short at the end, as an interrupted write leaves it, is passed over.

    Raises:
        DataError: the file cannot be read, or a line before the last is no JSON object.
    """
    try:
        lines = [line for line in history_path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise DataError(f"{history_path} cannot be read ({error.strerror}); check the run folder.") from error
    rows = []
    for number, line in enumerate(lines):
        try:
            entry = dict(json.loads(line))
        except (ValueError, TypeError) as error:
            if number == len(lines) - 1:
                break
            raise DataError(
                f"line {number + 1} of {history_path} is no JSON object; restore the file or train again."
            ) from error
        epoch = entry.get("epoch", number)
        rows += [(epoch, name, float(value)) for name, value in entry.items() if _drawn(name, value)]
        if isinstance(entry.get("best"), bool):
            rows.append((epoch, "best", float(entry["best"])))
    return pd.DataFrame(rows, columns=COLUMNS)


def _drawn(name: str, value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and not any(part in name.lower() for part in _NOT_DRAWN)
