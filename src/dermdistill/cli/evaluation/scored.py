"""What `evaluate` measures: predictions of a csv, a run or an ensemble, and what is known of patients."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from dermdistill.classes import ClassTable


def predictions_of_path(path: Path, *, tta: bool, image_size: int | None) -> "tuple[Path, pd.DataFrame]":
    """The predictions of a csv, or of a run that is scored if need be, and the file that holds them."""
    from dermdistill.cli.terminal import bars
    from dermdistill.errors import DataError
    from dermdistill.evaluate.scoring import predictions_of, predictions_path
    from dermdistill.metrics.predictions import read_predictions
    from dermdistill.runs import read_run

    if path.is_file():
        if tta or image_size:
            raise DataError(
                f"--tta and --image-size are for runs, which are scored; {path} holds predictions already: "
                "give the run's folder."
            )
        return path, read_predictions(path)
    run = read_run(path)
    with bars("images/s") as show:

        def on_progress(done: int, total: int) -> None:
            show(f"Scoring {path.name}", done, total)

        predictions = predictions_of(run, tta=tta, image_size=image_size, on_progress=on_progress)
    return predictions_path(run, tta=tta, image_size=image_size), predictions


def ages_of(path: Path | None, first: Path) -> "pd.Series[float]":
    """Age by image id: of the table named, else of the run's own data."""
    from dermdistill.errors import DataError
    from dermdistill.evaluate.report.slices import read_ages

    paths = _tables(path, first)
    if not paths:
        raise DataError("--conformal-by needs the ages of patients; give a table of them with --metadata.")
    return read_ages(*paths)


def metadata_of(path: Path | None, first: Path) -> "pd.DataFrame | None":
    """Age, sex and site: of the table named, else of the run's own data where they are still there."""
    from dermdistill.evaluate.report.slices import read_metadata

    paths = _tables(path, first)
    return read_metadata(*paths) if paths else None


def _tables(path: Path | None, first: Path) -> list[Path]:
    from dermdistill.runs import read_run

    if path is not None or not first.is_dir():
        return [path] if path else []
    indexes = [folder / "index.csv" for folder in read_run(first).data_dirs]
    return [index for index in indexes if index.exists()]


def ensemble_of(
    members: "list[tuple[Path, pd.DataFrame]]",
    folder: Path | None,
    splits: "pd.DataFrame | None",
    classes: "ClassTable",
    *,
    console: "Console",
) -> "tuple[Path, pd.DataFrame]":
    """Write the ensemble's predictions and name its models."""
    import json

    from dermdistill.errors import DataError
    from dermdistill.evaluate.compare.ensemble import write_ensemble
    from dermdistill.metrics.priors import find_priors

    by_name = {str(csv_path): frame for csv_path, frame in members}
    if folder is None or len(by_name) < 2:
        raise DataError(
            "an ensemble takes two or more different runs or predictions and --ensemble FOLDER to write to."
        )
    class_priors, _ = find_priors(members[0][1], splits)
    predictions = write_ensemble(folder, by_name, class_priors, classes)
    facts = json.loads((folder / "ensemble.json").read_text("utf-8"))
    console.print(f"Mean of {', '.join(facts['members'])}", highlight=False, soft_wrap=True)
    if any(set(frame["split"]) - set(facts["splits"]) for _, frame in members):
        rows = " and ".join(facts["splits"])
        console.print(f"Only their {rows} rows: not all of them hold others.", highlight=False)
    return folder / "predictions.csv", predictions
