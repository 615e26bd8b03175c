"""Learning curves: losses on the left, all other figures on the right, and the epoch that was kept."""

import pandas as pd
from matplotlib.axes import Axes

from dermdistill.evaluate.figures.paper import LINES

BEST = "best"


def draw_learning_curve(frame: pd.DataFrame, losses: Axes, metrics: Axes) -> None:
    """A line a figure over the epochs; `frame` of `learning_curve_frame`, where `best` is 1 or 0."""
    best = frame[(frame["figure"] == BEST) & (frame["value"] == 1)]["epoch"].max()
    shown = frame[frame["figure"] != BEST]
    is_loss = shown["figure"].str.contains("loss")
    for axes, part in ((losses, shown[is_loss]), (metrics, shown[~is_loss])):
        for (colour, style), (name, line) in zip(LINES, part.groupby("figure", sort=False), strict=False):
            label = str(name).replace("_", " ")
            axes.plot(line["epoch"], line["value"], color=colour, linestyle=style, label=label)
        if pd.notna(best):
            axes.axvline(best, color="grey", linestyle=":", label=f"best epoch: {best:g}")
        axes.set(xlabel="epoch")
        if axes.get_legend_handles_labels()[1]:
            axes.legend(loc="best")
    losses.set(title="Losses", ylabel="loss")
    metrics.set(title="Metrics", ylabel="figure, 0 to 1")
