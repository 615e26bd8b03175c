"""A report on disk: report.json (all figures), report.md and .tex (to read), figures with their tables."""

import json
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dermdistill.classes import ClassTable
from dermdistill.evaluate.figures import charts, curves, learning
from dermdistill.evaluate.figures.latex import latex
from dermdistill.evaluate.figures.paper import Caption, write_figure
from dermdistill.evaluate.report import curve_frames, frames, slices
from dermdistill.evaluate.report.analyse import Report, calibrated_frame
from dermdistill.evaluate.report.learning_curve import learning_curve_frame
from dermdistill.evaluate.report.text import headline, markdown, slices_markdown
from dermdistill.files import write_atomically
from dermdistill.metrics.bootstrap import lesion_weights
from dermdistill.metrics.decisions import decide, priors_as_vector
from dermdistill.metrics.predictions import codes_of, groups_of, labels_of, probs_of, select_split
from dermdistill.metrics.thresholds import positives

SCHEMA_VERSION = 1
# Bands need fewer resamples than figures, and each takes a pass over all images.
_BAND_RESAMPLES = 500


def write_report(
    report: Report,
    predictions: pd.DataFrame,
    classes: ClassTable,
    report_dir: Path,
    *,
    source: dict[str, Any],
    history_path: Path | None = None,
    metadata: pd.DataFrame | None = None,
    title: str | None = None,
    notice: bool = True,
) -> None:
    """Write report.json, report.md, report.tex, and every figure with its table.

    Args:
        report: what `analyse` found.
        predictions: what it found it in.
        classes: what its classes are.
        report_dir: where to.
        source: names what was measured, with checksums.
        history_path: a training's history, for its learning curve.
        metadata: of `slices.read_metadata`, for figures by age, sex and site.
        title: what captions call the model; its run or file if None.
        notice: put the notice of research use below each figure.

    Raises:
        DataError: the history is damaged.
    """
    frame = select_split(predictions, report.split)
    labels, probs, codes = labels_of(frame), probs_of(frame), codes_of(frame)
    caption = _caption(report, source, title, notice=notice)
    for rule in report.decisions:
        decided = decide(probs, rule, priors_as_vector(report.class_priors, codes))
        confusion = frames.confusion_frame(labels, decided, codes)
        told = replace(caption, rule=charts.RULES[rule])
        write_figure(confusion, charts.draw_confusion, report_dir, f"confusion_matrix_{rule}", told)
    scaled = calibrated_frame(frame, report.calibrated.temperature) if report.calibrated else frame
    reliability = [frames.reliability_frame(labels, probs, name="as the model gave them")]
    if report.calibrated:
        name = "after temperature scaling"
        reliability.append(frames.reliability_frame(labels, probs_of(scaled), name=name))
    write_figure(pd.concat(reliability), charts.draw_reliability, report_dir, "reliability", caption)
    _write_curves(report, frame, scaled, classes, caption, report_dir=report_dir)
    if metadata is not None:
        _write_slices(report, scaled, metadata, report_dir, caption)
    sensitivity = frames.sensitivity_frame(frame, report.decisions)
    write_figure(sensitivity, charts.draw_sensitivity, report_dir, "sensitivity", caption)
    if history_path is not None and history_path.exists():
        history, of_run = learning_curve_frame(history_path), replace(caption, data="training")
        draw = learning.draw_learning_curve
        write_figure(history, draw, report_dir, "learning_curve", of_run, panels=2)
    write_atomically(report_dir / "report.md", markdown(report, source).encode())
    write_atomically(report_dir / "report.json", report_json(report, source).encode())
    table = latex(headline(report), caption=f"{caption.line}. {report.intervals}.", label="figures")
    write_atomically(report_dir / "report.tex", table.encode())


def _caption(report: Report, source: dict[str, Any], title: str | None, *, notice: bool) -> Caption:
    model = title or str(source.get("run") or source.get("file", "unknown"))
    data = f"{report.split}: {report.n_images:,} images of {report.n_lesions:,} lesions"
    if "data" in source:
        data = f"{source['data']}, {data}"
    return Caption(model, data, notice=notice)


def _write_curves(
    report: Report,
    frame: pd.DataFrame,
    scaled: pd.DataFrame,
    classes: ClassTable,
    caption: Caption,
    *,
    report_dir: Path,
) -> None:
    """ROC and precision-recall of classes as the model gave them; of what is referred, calibrated."""
    labels, codes = labels_of(frame), codes_of(frame)
    weights = lesion_weights(
        groups_of(frame), resamples=min(report.resamples, _BAND_RESAMPLES), seed=report.seed
    )
    roc = curve_frames.roc_frame(labels, probs_of(frame), codes, report.probabilities)
    write_figure(roc, curves.draw_roc, report_dir, "roc", caption)
    recall = curve_frames.precision_recall_frame(labels, probs_of(frame), codes, weights)
    write_figure(recall, curves.draw_precision_recall, report_dir, "precision_recall", caption)
    if targets := positives(classes, codes):
        points = report.calibrated.operating_points if report.calibrated else []
        referral = curve_frames.referral_frame(labels, probs_of(scaled), targets, points, weights)
        write_figure(referral, curves.draw_referral, report_dir, "referral", caption, panels=2)
        benefit = frames.decision_curve_frame(labels, probs_of(scaled), targets)
        write_figure(benefit, charts.draw_decision_curve, report_dir, "decision_curve", caption)


def _write_slices(
    report: Report, frame: pd.DataFrame, metadata: pd.DataFrame, report_dir: Path, caption: Caption
) -> None:
    by_slice = slices.slice_frame(
        frame,
        metadata,
        report.melanoma,
        "argmax_p_over_prior",
        priors_as_vector(report.class_priors, codes_of(frame)),
        resamples=report.resamples,
        seed=report.seed,
    )
    told = replace(caption, rule=charts.RULES["argmax_p_over_prior"])
    write_figure(by_slice, charts.draw_slices, report_dir, "slices", told)
    table = slices.slice_table(by_slice)
    write_atomically(report_dir / "slices.md", slices_markdown(report, table).encode())
    text = latex(table, caption=f"{told.line}. {report.intervals}.", label="slices")
    write_atomically(report_dir / "slices.tex", text.encode())


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
