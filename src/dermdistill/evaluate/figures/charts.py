"""Drawings of the tables of `report.frames` and `report.slices`, an axes each."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from dermdistill.evaluate.figures.paper import COLOURS

# What a reader is told of the decision rules.
RULES = {
    "argmax_p": "argmax class",
    "argmax_p_over_prior": "prior-corrected",
    "argmax_p_over_root_prior": "half prior-corrected",
}


def draw_confusion(frame: pd.DataFrame, axes: Axes) -> None:
    """Counts of images, and below them their share of the true class; `frame` from `confusion_frame`."""
    codes = frame["diagnosis"].tolist()
    counts = frame[codes].to_numpy()
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(*counts.shape):
        colour = "white" if shares[row, column] > 0.6 else "black"
        said = f"{counts[row, column]}\n{shares[row, column]:.0%}"
        axes.text(column, row, said, ha="center", va="center", color=colour, fontsize=8)
    names = [f"{code} ({total})" for code, total in zip(codes, counts.sum(axis=1), strict=True)]
    axes.set(xticks=range(len(codes)), xticklabels=codes, yticks=range(len(codes)), yticklabels=names)
    axes.set(xlabel="decided", ylabel="true diagnosis (images)")
    axes.set(title="Confusion matrix: images, and share of the row")


def draw_reliability(frame: pd.DataFrame, axes: Axes) -> None:
    """Accuracy against confidence, images of each bin, and ECE; from `reliability_frame`."""
    for number, (name, part) in enumerate(frame.groupby("probabilities", sort=False)):
        colour = COLOURS[number]
        label = f"{name}: ECE {part['ece'].iloc[0]:.3f}"
        axes.plot(part["confidence"], part["accuracy"], color=colour, label=label)
        axes.scatter(part["confidence"], part["accuracy"], s=4 + part["images"] / 4, color=colour, alpha=0.6)
        for row in part.itertuples():
            axes.annotate(
                str(row.images),
                (row.confidence, 0.015 + 0.03 * number),
                ha="center",
                fontsize=6,
                color=colour,
            )
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="confidence (below: images of each bin)", ylabel="accuracy")
    axes.set(title="Reliability")
    axes.legend(loc="upper left")


def draw_sensitivity(frame: pd.DataFrame, axes: Axes) -> None:
    """Dots with 95 % intervals for each class and decision rule; `frame` from `sensitivity_frame`."""
    rules = frame["decision"].unique()
    for number, rule in enumerate(rules):
        part = frame[frame["decision"] == rule].reset_index(drop=True)
        value = part["sensitivity"]
        reach = [value - part["low"], part["high"] - value]
        at = part.index + 0.16 * (number - (len(rules) - 1) / 2)
        axes.errorbar(at, value, yerr=reach, fmt="o", color=COLOURS[number], capsize=3, label=RULES[rule])
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
