"""ROC and precision-recall curves of classes, and of what is referred, with bands and operating points."""

import pandas as pd
from matplotlib.axes import Axes

from dermdistill.evaluate.figures.paper import COLOURS, LINES

_MARKS = {"plain": "o", "cautious": "D"}


def draw_roc(frame: pd.DataFrame, axes: Axes) -> None:
    """One curve a class, one against the rest, with its AUC; `frame` from `roc_frame`."""
    _draw_classes(frame, "false_positive_rate", "sensitivity", "AUC", axes)
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.set(xlabel="1 - specificity", ylabel="sensitivity", title="ROC, each class against the rest")
    axes.legend(loc="lower right", title="AUC [95 % interval]")


def draw_precision_recall(frame: pd.DataFrame, axes: Axes) -> None:
    """One curve a class with its average precision and share; `frame` from `precision_recall_frame`."""
    _draw_classes(frame, "recall", "precision", "AP", axes)
    axes.set(xlabel="recall (sensitivity)", ylabel="precision (positive predictive value)", ylim=(0, 1.02))
    axes.set(title="Precision-recall, each class against the rest")
    axes.legend(loc="lower left", title="average precision [95 % interval], share of images")


def _draw_classes(frame: pd.DataFrame, x: str, y: str, area: str, axes: Axes) -> None:
    for number, (code, curve) in enumerate(frame.groupby("diagnosis", sort=False)):
        colour, style = LINES[number % len(LINES)]
        label = f"{code}: {_area(curve.iloc[0])}"
        if "share" in curve:
            label += f", {curve['share'].iloc[0]:.1%}"
        steps = "steps-post" if area == "AP" else "default"
        axes.plot(
            curve[x], curve[y], color=colour, linestyle=style, label=label, drawstyle=steps, linewidth=1.2
        )


def draw_referral(frame: pd.DataFrame, roc: Axes, precision_recall: Axes) -> None:
    """Both curves of each target with 95 % bands and operating points; `frame` from `referral_frame`."""
    for name, axes in (("roc", roc), ("precision_recall", precision_recall)):
        for colour, (target, rows) in zip(COLOURS, frame.groupby("target", sort=False), strict=False):
            of_curve = rows[rows["curve"] == name]
            curve = of_curve[of_curve["kind"] == "curve"]
            area = "AUC" if name == "roc" else "average precision"
            label = f"{target}: {area} {_area(curve.iloc[0])}"
            axes.plot(curve["x"], curve["value"], color=colour, label=label)
            axes.fill_between(curve["x"], curve["low"], curve["high"], color=colour, alpha=0.18, linewidth=0)
            for kind, mark in _MARKS.items():
                points = of_curve[of_curve["kind"] == kind]
                face = colour if kind == "cautious" else "white"
                axes.plot(
                    points["x"],
                    points["value"],
                    mark,
                    color=colour,
                    markerfacecolor=face,
                    markersize=5,
                    label=f"{target}: {kind} thresholds" if len(points) else None,
                )
                for point in points.itertuples() if kind == "cautious" else ():
                    axes.annotate(
                        f"{point.sensitivity:.0%}",
                        (point.x, point.value),
                        xytext=(5, -9),
                        textcoords="offset points",
                        fontsize=6,
                        color=colour,
                    )
            if name == "precision_recall":
                axes.axhline(curve["share"].iloc[0], color=colour, linestyle=":", linewidth=0.8)
    roc.plot([0, 1], [0, 1], color="grey", linestyle=":")
    roc.set(xlabel="1 - specificity", ylabel="sensitivity", title="ROC of what is referred", xlim=(0, 1))
    roc.set_ylim(0, 1.02)
    roc.legend(loc="lower right", title="bands: 95 %; beside marks: the sensitivity asked for")
    precision_recall.set(xlabel="recall (sensitivity)", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.02))
    precision_recall.set_title("Precision-recall; dotted: precision of referring all")
    precision_recall.legend(loc="lower left")


def _area(row: "pd.Series[float]") -> str:
    return f"{row['area']:.3f} [{row['area_low']:.3f}, {row['area_high']:.3f}]"
