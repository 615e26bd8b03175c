"""A board on disk: board.csv (all figures), .md (to read), .json (with what it was made of) and a picture."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dermdistill.evaluate.board.draw import draw_board
from dermdistill.evaluate.board.table import KEYS, main_rows
from dermdistill.evaluate.board.text import markdown, readable
from dermdistill.evaluate.figures.latex import latex
from dermdistill.evaluate.figures.paper import Caption, write_figure
from dermdistill.evaluate.report.write import plain
from dermdistill.files import write_atomically

# The columns that fit a page.
_LATEX = ["model", "source", "slice", "images", "balanced accuracy", "melanoma AUC", "malignant AUC"]


def write_board(
    folder: Path,
    board: pd.DataFrame,
    unknown: pd.DataFrame,
    official: pd.DataFrame | None,
    *,
    command: str,
    made_of: Mapping[str, Any],
    resamples: int,
    warnings: Sequence[str],
    notice: bool = True,
) -> None:
    """Write board.csv, .png, .pdf, .md, .tex and .json to a folder, made if need be.

    Args:
        folder: where to.
        board: of `table.board_frame`.
        unknown: of `table.unknown_kinds`.
        official: of `official.official_frame`; None without it.
        command: that made it, without paths of this machine.
        made_of: names and checksums of models, data and splits.
        resamples: of the bootstrap.
        warnings: what a reader must know, a sentence each.
        notice: put the notice of research use below the picture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    split = "all images" if made_of.get("split", "all") == "all" else f"{made_of['split']} split"
    caption = Caption(
        ", ".join(map(str, board["model"].unique())), split, "as each bundle decides", notice=notice
    )
    write_figure(board, draw_board, folder, "board", caption)
    table = readable(main_rows(board))[_LATEX]
    said = f"{caption.line}. Intervals: 95 %, bootstrap over groups."
    write_atomically(folder / "board.tex", latex(table, caption=said, label="board").encode())
    text = markdown(board, unknown, official, command=command, resamples=resamples, warnings=warnings)
    write_atomically(folder / "board.md", text.encode())
    content = {
        "command": command,
        "made_of": made_of,
        "resamples": resamples,
        "warnings": list(warnings),
        "board": _nested(board),
        "unknown_kinds": unknown.to_dict("records"),
        "official": None if official is None else official.to_dict("records"),
    }
    data = json.dumps(plain(content), indent=1, allow_nan=False) + "\n"
    write_atomically(folder / "board.json", data.encode())


def _nested(board: pd.DataFrame) -> list[dict[str, Any]]:
    """One object for each model, source and part, with its figures by name."""
    rows = []
    for counts, part in board.groupby(list(KEYS), sort=False):
        figures = {
            row["figure"]: {"why_not": row["why_not"]}
            if row["why_not"]
            else {name: row[name] for name in ("value", "low", "high")}
            for row in part.to_dict("records")
        }
        rows.append(dict(zip(KEYS, counts, strict=True)) | {"figures": figures})
    return rows
