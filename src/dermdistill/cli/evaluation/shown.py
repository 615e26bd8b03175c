"""What `evaluate` prints: a report's headline, the gain over another, any small table."""

from pathlib import Path
from typing import TYPE_CHECKING

from dermdistill.cli.terminal import warn

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from dermdistill.classes import ClassTable
    from dermdistill.evaluate.report.analyse import Report


def show_report(report: "Report", console: "Console") -> None:
    """Print figures by decision rule, and what to mistrust."""
    from rich.table import Table

    from dermdistill.evaluate.report.text import headline

    title = f"{report.split}: {report.n_images} images of {report.n_lesions} lesions"
    figures = headline(report)
    table = Table(*figures.columns, title=title, caption=f"[{report.intervals}]")
    for row in figures.to_numpy():
        table.add_row(*row)
    console.print(table)
    for warning in report.warnings:
        warn(f"the model {warning}", console, alarming=report.collapsed)


def show_gain(
    other: "pd.DataFrame", predictions: "pd.DataFrame", report: "Report", console: "Console", out: Path
) -> None:
    """Print and write the paired difference to another's predictions."""
    from rich.table import Table

    from dermdistill.evaluate.compare.compare import compare_frame
    from dermdistill.evaluate.report.write import write_table
    from dermdistill.metrics.predictions import select_split

    gains = compare_frame(
        select_split(other, report.split),
        select_split(predictions, report.split),
        class_priors=report.class_priors,
        melanoma=report.melanoma,
        resamples=report.resamples,
        seed=report.seed,
    )
    write_table(gains, out / "gain.csv")
    table = Table(*gains.columns, title="Gain over the other: paired difference on the same images")
    for row in gains.dropna(subset=["gain"]).itertuples(index=False):
        if not str(row[1]).startswith(("precision_", "auc_")):
            table.add_row(*(cell if isinstance(cell, str) else f"{cell:+.3f}" for cell in row))
    console.print(table)


def show_frame(frame: "pd.DataFrame", title: str, console: "Console") -> None:
    """Print a table of texts and numbers."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(*(str(name).replace("_", " ") for name in frame.columns), title=title)
    for row in frame.to_numpy():
        table.add_row(*(escape(f"{cell:.3f}" if isinstance(cell, float) else str(cell)) for cell in row))
    console.print(table, highlight=False)


def show_official(predictions: "pd.DataFrame", out: Path, console: "Console") -> None:
    """Print and write what `isic-challenge-scoring` says of the rows of one split."""
    import json

    import pandas as pd

    from dermdistill.evaluate.board.official import official_score
    from dermdistill.files import write_atomically

    score = official_score(predictions)
    write_atomically(out / "official.json", (json.dumps(score, indent=1) + "\n").encode())
    show_frame(
        pd.DataFrame([score]), "By isic-challenge-scoring, decided by the highest probability", console
    )


def show_conformal_by(
    report: "Report",
    predictions: "pd.DataFrame",
    classes: "ClassTable",
    ages: "pd.Series[float]",
    *,
    out: Path,
    console: "Console",
) -> None:
    """Print and write how often conformal sets hold the true class, by age and malignancy."""
    from dermdistill.evaluate.report.conformal_by import readable, write_conformal_by

    shown = readable(write_conformal_by(report, predictions, classes, ages, out))
    show_frame(shown, "Coverage of conformal sets, class-wise and by age and malignancy", console)
