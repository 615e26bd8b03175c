"""The board for a reader: tables of text, and board.md around them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dermdistill.classes import RESEARCH_USE
from dermdistill.evaluate.board.slices import ATTRIBUTES
from dermdistill.evaluate.board.table import FIGURES, KEYS, LEAST_GROUPS, main_rows

# In counts or images, not in shares.
_NUMBERS = frozenset({"number_needed_to_biopsy"})
_NOTES = """\
Intervals: 95 %, bootstrap over groups (patients, else lesions), {resamples} resamples. A share of 0 or 1 has
the exact interval of its groups. Parts of fewer than {least} groups are only counted. Balanced accuracy,
macro-AUC and ECE are of the kinds that the model knows. All other figures are of all images, so a cancer of a
kind that it does not know counts as a cancer.

- **melanoma, malignant**: AUC, sensitivity and specificity of telling melanomas (or malignant and precursor
  lesions) from all others. The thresholds are the model's cautious ones for 95 % sensitivity.
- **refused**: share of the images that the out-of-distribution detector calls unlike known lesions.
- **kind of picture recognised**: share of the images that the model calls dermoscopic or clinical as they
  are; one that it refuses is of neither kind.
- **false reassurance**: share of the malignant and precursor images (or of the melanomas) assessed as
  `no_sign`.
- **number needed to biopsy**: images assessed as `see_doctor` for each malignant or precursor one among them.
  It depends on how frequent these are, so it compares models on one source, not sources.
- **not given**: a table of probabilities has no thresholds, no detector and no assessment. It is measured by
  its argmax class.
"""


def cell(row: pd.Series) -> str:
    """A figure with its interval, or why there is none."""
    if row["why_not"]:
        return str(row["why_not"])
    digits = 1 if row["figure"] in _NUMBERS else 3
    value, low, high = (f"{row[name]:.{digits}f}" for name in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def readable(board: pd.DataFrame) -> pd.DataFrame:
    """A row for each model, source and part; columns of counts, then of figures as text."""
    rows = []
    for counts, part in board.groupby(list(KEYS), sort=False):
        told = dict(zip(KEYS, map(str, counts), strict=True))
        rows.append(told | {FIGURES[row["figure"]]: cell(row) for _, row in part.iterrows()})
    columns = [*KEYS, *FIGURES.values()]
    return pd.DataFrame(rows, columns=columns).rename(columns={"unknown_kinds": "of unknown kinds"})


def markdown(
    board: pd.DataFrame,
    unknown: pd.DataFrame,
    official: pd.DataFrame | None,
    *,
    command: str,
    resamples: int,
    warnings: Sequence[str],
) -> str:
    """board.md: the sources, then their parts, kinds that no model knows, and what the figures are."""
    lines = ["# Board", "", f"{RESEARCH_USE} Made by", "", "```console", command, "```", ""]
    lines += [f"- **Warning:** {warning}" for warning in warnings]
    lines += ["", _NOTES.format(resamples=resamples, least=LEAST_GROUPS)]
    lines += ["## Sources", "", *_table(readable(main_rows(board)), drop=("attribute",))]
    if len(unknown):
        shown = unknown.assign(**{name: _shares(unknown[name]) for name in ("referred", "no_sign")})
        lines += ["", "## Kinds that the model does not know", "", *_table(shown)]
    for attribute in ATTRIBUTES[1:]:
        part = board[board["attribute"] == attribute]
        if len(part):
            lines += ["", f"## By {attribute.replace('_', ' ')}", ""]
            lines += _table(readable(part), drop=("attribute",))
    if official is not None:
        shown = official.copy()
        for name in shown.columns[3:]:
            shown[name] = _shares(official[name])
        lines += ["", "## By isic-challenge-scoring", "", *_table(shown)]
    return "\n".join(lines) + "\n"


def _shares(column: "pd.Series[float]") -> list[str]:
    return ["not given" if np.isnan(value) else f"{value:.3f}" for value in column]


def _table(frame: pd.DataFrame, drop: Sequence[str] = ()) -> list[str]:
    frame = frame.drop(columns=list(drop))
    names = [str(name).replace("_", " ") for name in frame.columns]
    rows = ["| " + " | ".join(map(str, row)) + " |" for row in frame.to_numpy()]
    return ["| " + " | ".join(names) + " |", "|---" * len(names) + "|", *rows]
