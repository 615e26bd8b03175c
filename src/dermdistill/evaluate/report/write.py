"""A report on disk: report.json (all figures), report.md (to read) and the figures with their tables."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from dermdistill.classes import ClassTable
from dermdistill.evaluate.report import figures, frames, slices
from dermdistill.evaluate.report.analyse import Report, calibrated_frame
from dermdistill.evaluate.report.learning_curve import learning_curve_frame
from dermdistill.evaluate.report.text import markdown, slices_markdown
from dermdistill.files import write_atomically
from dermdistill.metrics.decisions import decide, priors_as_vector
from dermdistill.metrics.predictions import codes_of, labels_of, probs_of, select_split
from dermdistill.metrics.thresholds import positives

SCHEMA_VERSION = 1


def write_report(
    report: Report,
    predictions: pd.DataFrame,
    classes: ClassTable,
    report_dir: Path,
    *,
    source: dict[str, Any],
    history_path: Path | None = None,
    metadata: pd.DataFrame | None = None,
) -> None:
    """Write report.json, report.md, and every figure with its table.

    Args:
        report: what `analyse` found.
        predictions: what it found it in.
        classes: what its classes are.
        report_dir: where to.
        source: names what was measured, with checksums.
        history_path: a training's history, for its learning curve.
        metadata: of `slices.read_metadata`, for figures by age, sex and site.

    Raises:
        DataError: the history is damaged.
    """
    frame = select_split(predictions, report.split)
    labels, probs, codes = labels_of(frame), probs_of(frame), codes_of(frame)
    for rule in report.decisions:
        decided = decide(probs, rule, priors_as_vector(report.class_priors, codes))
        figures.write_figure(
            frames.confusion_frame(labels, decided, codes),
            figures.draw_confusion,
            report_dir,
            f"confusion_matrix_{rule}",
        )
    figures.write_figure(frames.roc_frame(labels, probs, codes), figures.draw_roc, report_dir, "roc")
    scaled = calibrated_frame(frame, report.calibrated.temperature) if report.calibrated else frame
    reliability = [frames.reliability_frame(labels, probs, name="as the model gave them")]
    if report.calibrated:
        name = "after temperature scaling"
        reliability.append(frames.reliability_frame(labels, probs_of(scaled), name=name))
    figures.write_figure(pd.concat(reliability), figures.draw_reliability, report_dir, "reliability")
    if targets := positives(classes, codes):
        benefit = frames.decision_curve_frame(labels, probs_of(scaled), targets)
        figures.write_figure(benefit, figures.draw_decision_curve, report_dir, "decision_curve")
    if metadata is not None:
        _write_slices(report, scaled, metadata, report_dir)
    sensitivity = frames.sensitivity_frame(frame, report.decisions)
    figures.write_figure(sensitivity, figures.draw_sensitivity, report_dir, "sensitivity")
    if history_path is not None and history_path.exists():
        curve = learning_curve_frame(history_path)
        figures.write_figure(curve, figures.draw_learning_curve, report_dir, "learning_curve")
    write_atomically(report_dir / "report.md", markdown(report, source).encode())
    write_atomically(report_dir / "report.json", report_json(report, source).encode())


def _write_slices(report: Report, frame: pd.DataFrame, metadata: pd.DataFrame, report_dir: Path) -> None:
    by_slice = slices.slice_frame(
        frame,
        metadata,
        report.melanoma,
        "argmax_p_over_prior",
        priors_as_vector(report.class_priors, codes_of(frame)),
        resamples=report.resamples,
        seed=report.seed,
    )
    figures.write_figure(by_slice, figures.draw_slices, report_dir, "slices")
    write_atomically(report_dir / "slices.md", slices_markdown(report, slices.slice_table(by_slice)).encode())


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as csv with six significant digits."""
    write_atomically(path, frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode())


def report_json(report: Report, source: dict[str, Any]) -> str:
    """The report as JSON; a figure that cannot be given is null."""
    content = {"schema_version": SCHEMA_VERSION, "source": source} | plain(asdict(report))
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """The same with floats of six significant digits and null for what is not a number, or without bounds."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
