"""The board in one picture: dots with 95 % intervals, a line of dots for each source and kind of picture."""

import pandas as pd
from matplotlib.axes import Axes

from dermdistill.evaluate.board.slices import WHOLE
from dermdistill.evaluate.board.table import FIGURES, main_rows
from dermdistill.evaluate.figures.paper import COLOURS

_SHOWN = ("balanced_accuracy", "melanoma_auc", "malignant_auc", "malignant_sensitivity", "false_reassurance")


def draw_board(board: pd.DataFrame, axes: Axes) -> None:
    """Draw the sources of a board, see `table.board_frame`; what has no value has no dot."""
    rows = main_rows(board)
    names = [
        " ".join([*([model] if several else []), source, *([] if part == WHOLE else [part])])
        for several in [rows["model"].nunique() > 1]
        for model, source, part in zip(rows["model"], rows["source"], rows["slice"], strict=True)
    ]
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    at = pd.Series([len(places) - 1 - places[name] for name in names], rows.index)
    for number, figure in enumerate(_SHOWN):
        part = rows[(rows["figure"] == figure) & rows["value"].notna()]
        value = part["value"]
        axes.errorbar(
            value,
            at[part.index] + 0.14 * (2 - number),
            xerr=[value - part["low"], part["high"] - value],
            fmt="o",
            color=COLOURS[number],
            capsize=2,
            markersize=4,
            label=FIGURES[figure],
        )
    axes.set(yticks=range(len(places)), xlim=(0, 1.02), title="By source, 95 % intervals over groups")
    axes.set_ylim(-1.1, len(places) - 0.5)  # room for the legend
    axes.set_yticklabels([name.replace(" ", "\n", 1) for name in reversed(places)], fontsize=7)
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="lower center", fontsize=7, ncols=3)
