"""Coverage by age and malignancy: class-wise conformal sets beside Mondrian ones, on disk and to read."""

from pathlib import Path

import pandas as pd

from dermdistill.classes import RESEARCH_USE, ClassTable
from dermdistill.errors import DataError
from dermdistill.evaluate.report.analyse import Report, calibrated_frame
from dermdistill.evaluate.report.write import write_table
from dermdistill.files import write_atomically
from dermdistill.metrics.mondrian import coverage_frame
from dermdistill.metrics.predictions import FIT_SPLIT, select_split

NAME = "conformal_by_age_malignancy"


def write_conformal_by(
    report: Report,
    predictions: pd.DataFrame,
    classes: ClassTable,
    ages: "pd.Series[float]",
    report_dir: Path,
) -> pd.DataFrame:
    """Fit on the val rows, measure on the report's split; write `NAME`.csv and .md; return the table.

    Args:
        report: calibrated.
        predictions: what it is of, all splits.
        classes: what its classes are.
        ages: years by image id.
        report_dir: where to.

    Raises:
        DataError: the report has no calibration.
    """
    if report.calibrated is None:
        raise DataError(
            f"--conformal-by needs {FIT_SPLIT} rows to fit on, and calibrated probabilities; give "
            "predictions with both, and another split to report."
        )
    fit, measure = (
        calibrated_frame(select_split(predictions, split), report.calibrated.temperature)
        for split in (FIT_SPLIT, report.split)
    )
    frame = coverage_frame(fit, measure, ages, classes)
    write_table(frame, report_dir / f"{NAME}.csv")
    write_atomically(report_dir / f"{NAME}.md", _markdown(frame).encode())
    return frame


def readable(frame: pd.DataFrame) -> pd.DataFrame:
    """The same as text."""
    shown = frame.map(lambda cell: f"{cell:.3f}" if isinstance(cell, float) else str(cell))
    return shown.assign(asked=[f"{asked:.0%}" for asked in frame["asked"]])


def _markdown(frame: pd.DataFrame) -> str:
    shown = readable(frame)
    lines = [
        "# Conformal sets by age and malignancy",
        "",
        f"{RESEARCH_USE} The share of each group's images whose set holds the true class. Class-wise sets "
        "have a quantile for each class, the others one for each age group and risk (benign, or malignant "
        f"and precursor). Sizes are mean classes in a set. `fit images` are the group's {FIT_SPLIT} images.",
        "",
        "| " + " | ".join(str(name).replace("_", " ") for name in shown.columns) + " |",
        "|---" * len(shown.columns) + "|",
        *["| " + " | ".join(row) + " |" for row in shown.to_numpy()],
    ]
    return "\n".join(lines) + "\n"
