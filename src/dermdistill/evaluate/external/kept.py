"""Answers kept in a file, so that a board that was stopped, or is drawn again, asks no model twice."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from dermdistill.files import file_sha256, write_atomically


def kept(path: Path, made_with: Mapping[str, str | None], make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The table in `path` if it was made with the same, else the one that `make` gives, which is kept there.

    Args:
        path: a csv; what it was made with lies beside it as .json.
        made_with: what the table depends on.
        make: gives image_id, decided, told and seen_as as text, refused as bool or NaN, other columns as
            numbers.
    """
    facts = path.with_suffix(path.suffix + ".json")
    try:
        is_current = json.loads(facts.read_text("utf-8")) == {**made_with, "sha256": file_sha256(path)}
    except (OSError, ValueError):
        is_current = False
    if not is_current:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = make().to_csv(index=False, float_format="%.9g", lineterminator="\n")
        write_atomically(path, text.encode())
        told = {**made_with, "sha256": file_sha256(path)}
        write_atomically(facts, (json.dumps(told, indent=1) + "\n").encode())
    return pd.read_csv(path, dtype=dict.fromkeys(("image_id", "decided", "told", "seen_as"), "str"))
