"""A report for a reader: the headline table, and report.md around it."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dermdistill.classes import RESEARCH_USE
from dermdistill.evaluate.report.analyse import Report
from dermdistill.evaluate.report.slices import LEAST_LESIONS
from dermdistill.metrics.bootstrap import Estimate
from dermdistill.metrics.conformal import TOLERANCE, ConformalLevel
from dermdistill.metrics.thresholds import OperatingPoint

# Kept in report.json, too many for a headline.
_DETAILS = ("specificity", "precision")


def headline(report: Report) -> pd.DataFrame:
    """The table to show a person: a row a figure, a column a decision rule.

    The last column is what a bundle does: temperature scaling, then argmax of p over prior.
    """
    calibrated = report.calibrated
    decisions: dict[str, dict[str, Estimate]] = {str(rule): v for rule, v in report.decisions.items()}
    probabilities = dict.fromkeys(decisions, report.probabilities)
    if calibrated:
        column = f"calibrated (T = {calibrated.temperature:.2f})"
        decisions[column] = calibrated.decision
        probabilities[column] = calibrated.probabilities
    names = [name for name in report.decisions["argmax_p"] if not name.startswith(_DETAILS)]
    rows = {name: [str(values[name]) for values in decisions.values()] for name in names}
    names = [name for name in report.probabilities if not name.startswith("auc_")]
    rows |= {name: [str(values[name]) for values in probabilities.values()] for name in names}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(decisions))
    table.insert(0, "figure", [name.replace("_", " ") for name in rows])
    return table


def measured(report: Report, source: Mapping[str, Any]) -> str:
    """What was measured, in a line: the run or the file, its pixels, and the rules that decide."""
    what = f"Run {source['run']}" if "run" in source else f"File {source.get('file', 'unknown')}"
    pixels = f" at {source['image_size']} pixels" if "image_size" in source else ""
    views = ", mean of eight turns and flips" if source.get("test_time_augmentation") else ""
    return (
        f"{what}{pixels}{views}. Each column is headed by the rule that decides; the calibrated one "
        f"decides by argmax_p_over_prior. Class priors from {report.class_priors_from}."
    )


def markdown(report: Report, source: Mapping[str, Any]) -> str:
    """The report for a reader: counts, warnings, headline figures, operating points."""
    table = headline(report)
    lines = [
        f"# {report.split}: {report.n_images} images of {report.n_lesions} lesions",
        "",
        f"{RESEARCH_USE} Intervals: {report.intervals}, {report.resamples} resamples. "
        f"{measured(report, source)}",
        "",
        *[f"- **Warning:** the model {warning}" for warning in report.warnings],
        "",
        "| " + " | ".join(table.columns) + " |",
        "|---" * len(table.columns) + "|",
        *["| " + " | ".join(row) + " |" for row in table.to_numpy()],
        "",
    ]
    if report.calibrated:
        lines += _operating_points(report.calibrated.operating_points)
        lines += _conformal(report.calibrated.conformal)
    lines += [
        "",
        "![Reliability: accuracy against confidence](reliability.png)",
        *(["![Decision curve: net benefit of referring](decision_curve.png)"] if report.targets else []),
    ]
    return "\n".join(lines) + "\n"


def slices_markdown(report: Report, table: pd.DataFrame) -> str:
    """Figures by age, sex and site for a reader; `table` from `slices.slice_table`."""
    lines = [
        f"# {report.split} by age, sex and site",
        "",
        f"{RESEARCH_USE} Calibrated probabilities, decided prior-corrected. Intervals: {report.intervals} of "
        f"the slice, {report.resamples} resamples. Kinds of lesion are mixed differently in each slice, so "
        f"accuracies differ for that reason, too. Slices of fewer than {LEAST_LESIONS} lesions are "
        "counted only.",
        "",
        "| " + " | ".join(str(column).replace("_", " ") for column in table.columns) + " |",
        "|---" * len(table.columns) + "|",
        *["| " + " | ".join(map(str, row)) + " |" for row in table.to_numpy()],
    ]
    return "\n".join(lines) + "\n"


def _operating_points(points: list[OperatingPoint]) -> list[str]:
    lines = [
        "| refer when | for sensitivity | threshold | sensitivity | specificity "
        "| cautious threshold | confidence | sensitivity | specificity |",
        "|---" * 9 + "|",
    ]
    for point in points:
        plain, cautious = point.measured, point.cautious_measured
        lines.append(
            f"| p({point.target}) | {point.asked_sensitivity:.0%} "
            f"| {point.threshold:.4f} | {plain.sensitivity} | {plain.specificity} "
            f"| {point.cautious.threshold:.4f} | {point.cautious.confidence:.0%} "
            f"| {cautious.sensitivity} | {cautious.specificity} |"
        )
    note = "The cautious threshold keeps its sensitivity on new lesions with that confidence."
    return [*lines, "", note]


def _conformal(levels: list[ConformalLevel]) -> list[str]:
    lines = [
        "",
        "Conformal sets: the share of each class's images whose set holds the class.",
        "",
        "| class | lesions fitted on | "
        + " | ".join(f"asked {level.coverage:.0%}" for level in levels)
        + " |",
        "|---" * (2 + len(levels)) + "|",
    ]
    for code, lesions in levels[0].n_lesions.items():
        lines.append(
            f"| {code} | {lesions} | " + " | ".join(_covered(level, code) for level in levels) + " |"
        )
    sizes = " | ".join(f"{level.mean_set_size:.2f}" for level in levels)
    return [*lines, f"| classes in a set, mean | | {sizes} |"]


def _covered(level: ConformalLevel, code: str) -> str:
    measured = level.measured[code]
    if math.isnan(measured):
        return "no images"
    if not level.enough[code]:
        by_chance = (
            "by chance" if abs(measured - level.coverage) <= 2 * level.chance[code] else "beyond chance"
        )
        return f"{measured:.3f}, too few lesions for ±{100 * TOLERANCE:.0f} points ({by_chance})"
    held = abs(measured - level.coverage) <= TOLERANCE
    return f"{measured:.3f}, {'within' if held else 'NOT within'} {100 * TOLERANCE:.0f} points"
