"""`dermdistill evaluate`: measure a run or a predictions file, or compare two."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdistill.cli.options import ClassesOf, Plugin, class_table
from dermdistill.plugins import load_plugins

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from dermdistill.classes import ClassTable
    from dermdistill.evaluate.report.analyse import Report


def command(
    runs_or_csvs: Annotated[
        list[Path],
        typer.Argument(
            help="A run folder, or a predictions.csv; several are an ensemble.",
            exists=True,
            metavar="RUN_OR_CSV...",
        ),
    ],
    *,
    split: Annotated[str, typer.Option(help="Split to report.")] = "test",
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the report; by default report/ beside predictions.csv, NAME/ beside NAME.csv."
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(min=10, help="Bootstrap resamples over lesions.")] = 1000,
    tta: Annotated[
        bool, typer.Option("--tta", help="Score a run on the eight turns and flips of each image.")
    ] = False,
    image_size: Annotated[
        int | None,
        typer.Option(min=16, help="Pixels at which a run is scored.", show_default="those of its last phase"),
    ] = None,
    ensemble: Annotated[
        Path | None,
        typer.Option(help="Folder for the predictions of an ensemble of several runs.", file_okay=False),
    ] = None,
    splits: Annotated[
        Path | None,
        typer.Option(
            help="The splits.csv whose train split gives the class priors.",
            exists=True,
            show_default="the run's",
        ),
    ] = None,
    metadata: Annotated[
        Path | None,
        typer.Option(
            help="A table of age, sex and site: also report by these.",
            exists=True,
            dir_okay=False,
            show_default="the run's index.csv",
        ),
    ] = None,
    classes: ClassesOf = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Another run or predictions.csv: also report the gain over it.", exists=True),
    ] = None,
    plugins: Plugin = None,
) -> None:
    """Report accuracy, balanced accuracy, F1, AUC and calibration with 95 % intervals over lesions.

    A run folder is scored first if it has no predictions of its present weights. Exits with 1 when the
    model answers every image alike: then it learned nothing, whatever its accuracy.
    """
    from dermdistill.cli.terminal import wide_console
    from dermdistill.data.splits import read_splits
    from dermdistill.evaluate.report.analyse import analyse
    from dermdistill.evaluate.report.text import measured
    from dermdistill.evaluate.report.write import write_report
    from dermdistill.evaluate.scoring import source_of
    from dermdistill.metrics.predictions import codes_of
    from dermdistill.metrics.priors import find_priors
    from dermdistill.runs import HISTORY, splits_of

    load_plugins(plugins)
    console = wide_console()
    members = [_predictions(path, tta=tta, image_size=image_size) for path in runs_or_csvs]
    csv_path, predictions = members[0]
    splits = splits or splits_of(csv_path.parent)
    table = read_splits(splits) if splits else None
    of_classes = class_table(classes, csv_path, codes_of(predictions))
    if len(members) > 1 or ensemble:
        csv_path, predictions = _ensemble(members, ensemble, table, of_classes, console=console)
    class_priors, origin = find_priors(predictions, table)
    if splits:
        origin += f" of {splits.name}"
    report = analyse(
        predictions,
        of_classes,
        split=split,
        class_priors=class_priors,
        class_priors_from=origin,
        resamples=resamples,
    )
    name = csv_path.name.partition(".")[0]  # a csv may be compressed: predictions.csv.xz
    out = out or csv_path.parent / name.replace("predictions", "report")
    if out == csv_path:
        out = csv_path.parent / "report"
    history = csv_path.parent / HISTORY
    source = source_of(csv_path)
    write_report(
        report,
        predictions,
        of_classes,
        out,
        source=source,
        history_path=history,
        metadata=_metadata(metadata, runs_or_csvs[0]),
    )
    console.print(measured(report, source), highlight=False, soft_wrap=True)
    _show(report, console)
    if against is not None:
        _, other = _predictions(against, tta=tta, image_size=image_size)
        _show_gain(other, predictions, report, console, out)
    console.print(f"Report: {out}", highlight=False)
    if report.collapsed:
        raise typer.Exit(1)


def _predictions(path: Path, *, tta: bool, image_size: int | None) -> "tuple[Path, pd.DataFrame]":
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


def _metadata(path: Path | None, first: Path) -> "pd.DataFrame | None":
    """Age, sex and site: of the table named, else of the run's own data where they are still there."""
    from dermdistill.evaluate.report.slices import read_metadata
    from dermdistill.runs import read_run

    paths = [path] if path else []
    if path is None and first.is_dir():
        indexes = [folder / "index.csv" for folder in read_run(first).data_dirs]
        paths = [index for index in indexes if index.exists()]
    return read_metadata(*paths) if paths else None


def _ensemble(
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


def _show(report: "Report", console: "Console") -> None:
    from rich.table import Table

    from dermdistill.evaluate.report.text import headline

    title = f"{report.split}: {report.n_images} images of {report.n_lesions} lesions"
    figures = headline(report)
    table = Table(*figures.columns, title=title, caption=f"[{report.intervals}]")
    for row in figures.to_numpy():
        table.add_row(*row)
    console.print(table)
    for warning in report.warnings:
        style = "bold white on red" if report.collapsed else "yellow"
        console.print(f"WARNING: the model {warning}.", style=style, highlight=False, soft_wrap=True)


def _show_gain(
    other: "pd.DataFrame", predictions: "pd.DataFrame", report: "Report", console: "Console", out: Path
) -> None:
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
