"""Drawings of the tables of `frames`. Every figure is written as PNG and SVG beside its table as csv.

Figures are built without pyplot, so no window system, global state or thread is involved.
"""

from collections.abc import Callable
from io import BytesIO, StringIO
from itertools import product
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dermdistill.classes import RESEARCH_USE
from dermdistill.files import write_atomically

# Okabe, Ito 2008: seven colours that colour-blind readers can tell apart.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#000000", "#56B4E9")
# Of more lines than that, the next are dashed, then dotted.
LINES = tuple((colour, style) for style, colour in product(("-", "--", ":"), COLOURS))


def draw_confusion(frame: pd.DataFrame, axes: Axes) -> None:
    """Rows in shares of the true class, cells labelled with counts; `frame` from `confusion_frame`."""
    codes = frame["diagnosis"].tolist()
    counts = frame[codes].to_numpy()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        colour = "white" if shares[row, column] > 0.6 else "black"
        axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour)
    axes.set(xticks=range(len(codes)), xticklabels=codes, yticks=range(len(codes)), yticklabels=codes)
    axes.set(xlabel="decided", ylabel="true diagnosis", title="Confusion matrix (images)")


def draw_roc(frame: pd.DataFrame, axes: Axes) -> None:
    """One curve a class, one against the rest; `frame` from `roc_frame`."""
    for number, (code, curve) in enumerate(frame.groupby("diagnosis")):
        colour, style = LINES[number % len(LINES)]
        rates = curve["false_positive_rate"], curve["sensitivity"]
        axes.plot(*rates, color=colour, linestyle=style, label=str(code))
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.set(xlabel="1 - specificity", ylabel="sensitivity", title="ROC, one class against the rest")
    axes.legend(loc="lower right")


def draw_reliability(frame: pd.DataFrame, axes: Axes) -> None:
    """Accuracy against confidence; the area of a dot grows with its images; from `reliability_frame`."""
    for colour, (name, part) in zip(COLOURS, frame.groupby("probabilities", sort=False), strict=False):
        axes.plot(part["confidence"], part["accuracy"], color=colour, label=str(name))
        axes.scatter(part["confidence"], part["accuracy"], s=4 + part["images"] / 4, color=colour, alpha=0.6)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="accuracy", title="Reliability")
    axes.legend(loc="upper left")


def draw_sensitivity(frame: pd.DataFrame, axes: Axes) -> None:
    """Dots with 95 % intervals for each class and decision rule; `frame` from `sensitivity_frame`."""
    rules = frame["decision"].unique()
    for number, rule in enumerate(rules):
        part = frame[frame["decision"] == rule].reset_index(drop=True)
        value = part["sensitivity"]
        reach = [value - part["low"], part["high"] - value]
        at = part.index + 0.16 * (number - (len(rules) - 1) / 2)
        axes.errorbar(at, value, yerr=reach, fmt="o", color=COLOURS[number], capsize=3, label=rule)
    first = frame[frame["decision"] == rules[0]]
    names = [f"{code}\n{n} lesions" for code, n in zip(first["diagnosis"], first["lesions"], strict=True)]
    axes.set(xticks=range(len(names)), xticklabels=names, ylim=(0, 1.02))
    axes.set_xlim(-0.5, len(names) - 0.5)  # classes without an image have their place, too
    axes.set(ylabel="sensitivity", title="Sensitivity by class, 95 % intervals over lesions")
    axes.legend(loc="lower right")


def draw_decision_curve(frame: pd.DataFrame, axes: Axes) -> None:
    """Net benefit over the threshold, a colour a target; `frame` from `decision_curve_frame`."""
    styles = {"model": "-", "refer all": "--", "refer none": ":"}
    for colour, (target, of_target) in zip(COLOURS, frame.groupby("target", sort=False), strict=False):
        for strategy, part in of_target.groupby("strategy", sort=False):
            label = f"{target}: {strategy}" if strategy != "refer none" else None
            shade, line = colour if label else "grey", styles[str(strategy)]
            axes.plot(part["threshold"], part["net_benefit"], label=label, color=shade, linestyle=line)
    model = frame.loc[frame["strategy"] == "model", "net_benefit"]
    axes.set(ylim=(-0.05, 1.1 * model.max() + 0.01), xlabel="threshold", ylabel="net benefit")
    axes.set(title="Decision curve")
    axes.legend(loc="upper right")


def draw_slices(frame: pd.DataFrame, axes: Axes) -> None:
    """Balanced accuracy and melanoma AUC with 95 % intervals by slice; `frame` from `slice_frame`."""
    shown_figures = [
        name for name in ("balanced_accuracy", "melanoma_auc") if (frame["figure"] == name).any()
    ]
    for number, figure in enumerate(shown_figures):
        part = frame[frame["figure"] == figure].reset_index(drop=True)
        value = part["value"]
        reach = [value - part["low"], part["high"] - value]
        at = part.index[::-1] + 0.2 * (0.5 - number)
        label = figure.replace("_", " ")
        axes.errorbar(value, at, xerr=reach, fmt="o", color=COLOURS[number], capsize=3, label=label)
    part = frame[frame["figure"] == shown_figures[0]]
    shown = part["slice"].where(part["slice"] != "unknown", "unknown " + part["attribute"])
    names = [f"{name}\n{n} lesions" for name, n in zip(shown, part["lesions"], strict=True)][::-1]
    axes.set(yticks=range(len(names)), xlim=(0, 1.02), title="By age, sex and site, 95 % intervals")
    axes.set_yticklabels(names, fontsize=7)
    axes.legend(loc="upper left")


def draw_learning_curve(frame: pd.DataFrame, axes: Axes) -> None:
    """A line a figure over the epochs; `frame` with columns epoch, figure, value."""
    for (colour, style), (name, part) in zip(LINES, frame.groupby("figure", sort=False), strict=False):
        axes.plot(part["epoch"], part["value"], color=colour, linestyle=style, label=str(name))
    axes.set(xlabel="epoch", title="Learning curve")
    axes.legend(loc="best")


def write_figure(
    frame: pd.DataFrame, draw: Callable[[pd.DataFrame, Axes], None], report_dir: Path, name: str
) -> None:
    """Write `name`.csv, `name`.png and `name`.svg to `report_dir`; equal tables give equal bytes."""
    table = StringIO()
    frame.to_csv(table, index=False, float_format="%.6g", lineterminator="\n")
    write_atomically(report_dir / f"{name}.csv", table.getvalue().encode())
    with mpl.rc_context({"svg.hashsalt": name}):
        figure = Figure(figsize=(7, 5.5))
        draw(frame, figure.add_axes((0.12, 0.14, 0.85, 0.79)))
        figure.text(0.5, 0.01, RESEARCH_USE, fontsize=7, color="grey", ha="center")
        png, svg = BytesIO(), BytesIO()
        figure.savefig(png, format="png", dpi=120, metadata={"Software": None})
        figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    write_atomically(report_dir / f"{name}.png", png.getvalue())
    write_atomically(report_dir / f"{name}.svg", svg.getvalue())
