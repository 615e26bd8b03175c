"""`dermdistill compare`: several experiments, each with its seeds, in one table and one figure."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdistill.cli.options import ClassesOf, Notice, Resamples, class_table

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

    from dermdistill.evaluate.figures.paper import Caption


def command(
    folders: Annotated[
        list[Path],
        typer.Argument(
            help="Folders with a predictions.csv. Those whose names differ in a last number only (NAME_0, "
            "NAME-seed1) are seeds of one experiment.",
            exists=True,
            file_okay=False,
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for the tables and the figure.", file_okay=False)],
    baseline: Annotated[str | None, typer.Option(help="Experiment to report the others' gain over.")] = None,
    split: Annotated[str, typer.Option(help="Split to report.")] = "test",
    splits: Annotated[
        Path | None,
        typer.Option(
            help="The splits.csv whose train split gives the class priors.",
            exists=True,
            show_default="the first run's",
        ),
    ] = None,
    bundles: Annotated[
        list[Path] | None,
        typer.Option(
            "--bundle",
            help="Folder of a bundle, for its file's size; found by the checksum that report.json names.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    latency: Annotated[
        Path | None,
        typer.Option(help="Times measured by benchmarks/latency.py.", exists=True, dir_okay=False),
    ] = None,
    specificity: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Also report the sensitivity to each class at this specificity."),
    ] = None,
    classes: ClassesOf = None,
    resamples: Resamples = 1000,
    notice: Notice = True,
) -> None:
    """Compare experiments on the same images: means over seeds, intervals over lesions and seeds, and gains.

    Writes comparison.csv, .md and .tex, with --specificity by_class.csv and .md, and frontier.csv, .png and
    .pdf: balanced accuracy, size, time.
    """
    from dermdistill.cli.terminal import wide_console
    from dermdistill.data.splits import read_splits
    from dermdistill.evaluate.compare.by_class import by_class_frame, by_class_markdown
    from dermdistill.evaluate.compare.experiments import (
        ablation_frame,
        experiment_of,
        read_experiments,
        summary_frame,
        summary_markdown,
    )
    from dermdistill.evaluate.compare.frontier import find_bundle, read_latency
    from dermdistill.evaluate.figures.latex import latex
    from dermdistill.evaluate.figures.paper import Caption
    from dermdistill.evaluate.report.write import write_table
    from dermdistill.files import write_atomically
    from dermdistill.metrics.predictions import codes_of, predictions_in, read_predictions
    from dermdistill.metrics.priors import find_priors
    from dermdistill.runs import splits_of

    console = wide_console()
    experiments = read_experiments(folders, split)
    splits = splits or splits_of(folders[0])
    first = predictions_in(folders[0])
    predictions = read_predictions(first)
    table_of_classes = class_table(classes, first, codes_of(predictions))
    priors, origin = find_priors(predictions, read_splits(splits) if splits else None)
    if splits:
        origin += f" of {splits.name}"
    milliseconds = read_latency(latency) if latency else {}
    of_experiment: dict[str, dict[str, Any] | None] = {}
    for folder in folders:
        name = experiment_of(folder)
        of_experiment[name] = of_experiment.get(name) or find_bundle(folder, bundles or ())
    table = ablation_frame(
        experiments,
        class_priors=priors,
        melanoma=table_of_classes.melanoma,
        baseline=baseline,
        resamples=resamples,
    )
    write_table(table, out / "comparison.csv")
    write_atomically(out / "comparison.md", summary_markdown(table).encode())
    if specificity is not None:
        by_class = by_class_frame(experiments, specificity, resamples=resamples)
        write_table(by_class, out / "by_class.csv")
        write_atomically(out / "by_class.md", by_class_markdown(by_class, specificity).encode())
    said = f"{split} split, decided prior-corrected. Intervals: 95 %, over lesions and seeds."
    tex = latex(summary_frame(table), caption=said, label="comparison")
    write_atomically(out / "comparison.tex", tex.encode())
    _show(table, f"{split}, decided prior-corrected, by {origin}", console)
    images = f"{split}: {len(next(iter(experiments.values()))[0]):,} images"
    caption = Caption("", images, "prior-corrected", notice=notice)
    _write_frontier(of_experiment, table, out, milliseconds, console=console, caption=caption)
    console.print(f"Comparison: {out}", highlight=False)


def _write_frontier(
    bundles: "dict[str, dict[str, Any] | None]",
    table: "pd.DataFrame",
    out: Path,
    latency: dict[str, float],
    *,
    console: "Console",
    caption: "Caption",
) -> None:
    from dermdistill.evaluate.compare.frontier import draw_frontier, frontier_frame
    from dermdistill.evaluate.figures.paper import write_figure

    known = {name: spec for name, spec in bundles.items() if spec is not None}
    frame = frontier_frame(table, known, latency)
    if len(known) < len(bundles):
        names = ", ".join(name for name, spec in bundles.items() if spec is None)
        console.print(
            f"Not in the frontier, for no bundle.json tells its file's size: {names}.",
            highlight=False,
            soft_wrap=True,
        )
    if known:
        write_figure(frame, draw_frontier, out, "frontier", caption)


def _show(table: "pd.DataFrame", title: str, console: "Console") -> None:
    from rich.table import Table

    from dermdistill.evaluate.compare.experiments import summary_frame

    figures = summary_frame(table).set_index("experiment").T  # many figures, few experiments: fits a screen
    shown = Table("", *map(str, figures.columns), title=title, caption="[95 % over lesions and seeds]")
    for name, cells in zip(figures.index, figures.to_numpy(), strict=True):
        shown.add_row(str(name), *cells)
    console.print(shown)
