"""The table behind each figure; `figures` draws them and nothing else."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.metrics.bootstrap import Estimate
from dermdistill.metrics.decisions import DecisionRule
from dermdistill.metrics.predictions import codes_of
from dermdistill.metrics.scores import ECE_BINS, bin_of, confusion
from dermdistill.metrics.thresholds import Target, is_positive, scores


def confusion_frame(
    labels: NDArray[np.intp], decided: NDArray[np.intp], codes: Sequence[str]
) -> pd.DataFrame:
    """Counts of images: a row per true class (column `diagnosis`), a column per decided class."""
    counts = confusion(labels, decided, len(codes))[0].astype(int)
    frame = pd.DataFrame(counts, columns=list(codes))
    frame.insert(0, "diagnosis", list(codes))
    return frame


def reliability_frame(
    labels: NDArray[np.intp], probs: NDArray[np.floating], *, name: str, bins: int = ECE_BINS
) -> pd.DataFrame:
    """Top-label confidence against accuracy in equal-width bins; empty bins are left out.

    `name` says which probabilities these are and fills the column `probabilities`; `ece` is of all of them.
    """
    confidence, right = probs.max(axis=1), probs.argmax(axis=1) == labels
    table = pd.DataFrame({"bin": bin_of(confidence, bins), "confidence": confidence, "right": right})
    grouped = table.groupby("bin")
    frame = pd.DataFrame(
        {
            "probabilities": name,
            "low": np.unique(table["bin"]) / bins,
            "high": (np.unique(table["bin"]) + 1) / bins,
            "images": grouped.size().to_numpy(),
            "confidence": grouped["confidence"].mean().to_numpy(),
            "accuracy": grouped["right"].mean().to_numpy(),
        }
    )
    gaps = (frame["confidence"] - frame["accuracy"]).abs()
    return frame.assign(ece=float((gaps * frame["images"]).sum() / frame["images"].sum()))


def decision_curve_frame(
    labels: NDArray[np.intp], probs: NDArray[np.floating], targets: Mapping[Target, Sequence[int]]
) -> pd.DataFrame:
    """Net benefit of referring by probability, by target and threshold, beside referring all and none.

    `targets` are the positions of the classes that each refers, see `thresholds.positives`.

    `TP / n - FP / n * t / (1 - t)` at threshold t: true referrals less false ones. The weight is that of a
    person who refers at t (Vickers, Elkin 2006). It holds for the share of malignant lesions in this sample.
    """
    rows = []
    for target, columns in targets.items():
        positive, score = is_positive(labels, columns), scores(probs, columns)
        for threshold in np.arange(1, 51) / 100:
            odds = threshold / (1 - threshold)
            for strategy, referred in (("model", score >= threshold), ("refer all", score >= 0)):
                benefit = float((referred & positive).mean() - (referred & ~positive).mean() * odds)
                rows.append((target, float(threshold), strategy, benefit))
            rows.append((target, float(threshold), "refer none", 0.0))
    return pd.DataFrame(rows, columns=["target", "threshold", "strategy", "net_benefit"])


def sensitivity_frame(
    frame: pd.DataFrame, by_rule: Mapping[DecisionRule, dict[str, Estimate]]
) -> pd.DataFrame:
    """Each class's sensitivity with its interval under each decision rule, and how much it rests on."""
    rows = []
    for rule, values in by_rule.items():
        for code in codes_of(frame):
            estimate = values[f"sensitivity_{code}"]
            of_class = frame[frame["diagnosis"] == code]
            rows.append(
                {
                    "decision": rule,
                    "diagnosis": code,
                    "images": len(of_class),
                    "lesions": of_class["lesion_id"].nunique(),
                    "sensitivity": estimate.value,
                    "low": estimate.low,
                    "high": estimate.high,
                }
            )
    return pd.DataFrame(rows)
