"""`dermdistill evaluate`: measure a run or a predictions file, or compare two."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dermdistill.cli.options import ClassesOf, Notice, Official, Plugin, Resamples, Title, class_table
from dermdistill.plugins import load_plugins


class ConformalBy(StrEnum):
    """What the images are parted by, so that a conformal set keeps its promise in each part."""

    AGE_MALIGNANCY = "age-malignancy"


def command(
    runs_or_csvs: Annotated[
        list[Path],
        typer.Argument(
            help="A run folder, or a predictions.csv; several are an ensemble. With --data also a bundle.",
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
    resamples: Resamples = 1000,
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
            help="The splits.csv whose train split gives the class priors; with --data, the images' split.",
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
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Score on this prepared data set instead: all its images, or those of --split in --splits.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    pool_folds: Annotated[
        Path | None,
        typer.Option(
            help="The runs each left a fold out: score each on that, and pool the answers in this folder.",
            file_okay=False,
        ),
    ] = None,
    conformal_by: Annotated[
        ConformalBy | None,
        typer.Option(help="Also report conformal sets with a quantile for each age group and risk."),
    ] = None,
    official: Official = False,
    title: Title = None,
    notice: Notice = True,
    plugins: Plugin = None,
) -> None:
    """Report accuracy, balanced accuracy, F1, AUC and calibration with 95 % intervals over lesions.

    A run folder is scored first if it has no predictions of its present weights. Exits with 1 when the
    model answers every image alike: then it learned nothing, whatever its accuracy.
    """
    from dermdistill.cli.evaluation import answering, external, folds, scored, shown
    from dermdistill.cli.terminal import wide_console
    from dermdistill.data.splits import read_splits
    from dermdistill.evaluate.pooled_folds import POOLED
    from dermdistill.evaluate.report.analyse import analyse
    from dermdistill.evaluate.report.text import measured
    from dermdistill.evaluate.report.write import write_report
    from dermdistill.evaluate.scoring import source_of
    from dermdistill.metrics.predictions import codes_of, select_split
    from dermdistill.metrics.priors import find_priors
    from dermdistill.runs import HISTORY, read_run, splits_of

    load_plugins(plugins)
    console = wide_console()
    models, sources = answering.sort_paths(runs_or_csvs, data or [])
    if sources:
        external.refuse_with_data(ensemble, against, pool_folds, conformal_by, metadata)
        collapsed = external.evaluate_external(
            models,
            sources,
            splits=splits,
            split=split,
            out=out,
            classes=classes,
            tta=tta,
            image_size=image_size,
            resamples=resamples,
            official=official,
            notice=notice,
            console=console,
        )
        raise typer.Exit(int(collapsed))
    if pool_folds:
        split, splits = POOLED, splits or read_run(models[0]).splits_path
        runs_or_csvs = [folds.pooled(models, pool_folds, tta=tta, image_size=image_size)]
    members = [scored.predictions_of_path(path, tta=tta, image_size=image_size) for path in runs_or_csvs]
    csv_path, predictions = members[0]
    splits = splits or splits_of(csv_path.parent)
    table = read_splits(splits) if splits else None
    of_classes = class_table(classes, csv_path, codes_of(predictions))
    if len(members) > 1 or ensemble:
        csv_path, predictions = scored.ensemble_of(members, ensemble, table, of_classes, console=console)
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
    out = out or _report_dir(csv_path)
    source = source_of(csv_path)
    write_report(
        report,
        predictions,
        of_classes,
        out,
        source=source,
        history_path=csv_path.parent / HISTORY,
        metadata=scored.metadata_of(metadata, models[0]),
        title=title,
        notice=notice,
    )
    console.print(measured(report, source), highlight=False, soft_wrap=True)
    shown.show_report(report, console)
    if conformal_by:
        shown.show_conformal_by(
            report, predictions, of_classes, scored.ages_of(metadata, models[0]), out=out, console=console
        )
    if official:
        shown.show_official(select_split(predictions, split), out, console)
    if against is not None:
        _, other = scored.predictions_of_path(against, tta=tta, image_size=image_size)
        shown.show_gain(other, predictions, report, console, out)
    console.print(f"Report: {out}", highlight=False)
    if report.collapsed:
        raise typer.Exit(1)


def _report_dir(csv_path: Path) -> Path:
    """Where the report on a predictions file goes, which may be compressed: predictions.csv.xz."""
    name = csv_path.name.partition(".")[0].replace("predictions", "report")
    return csv_path.parent / (name if name != csv_path.name else "report")
