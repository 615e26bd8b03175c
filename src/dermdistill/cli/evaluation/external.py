"""`dermdistill evaluate MODEL --data`: a run, a bundle or a table of probabilities on other sources."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dermdistill.cli.evaluation.shown import show_frame, show_official, show_report
from dermdistill.cli.terminal import warn

if TYPE_CHECKING:
    from rich.console import Console

    from dermdistill.evaluate.external.answers import Answers


def refuse_with_data(*options: object) -> None:
    """Refuse options that are about a run's own predictions.

    Raises:
        DataError: one of them is given.
    """
    from dermdistill.errors import DataError

    if any(options):
        raise DataError(
            "--ensemble, --against, --pool-folds, --conformal-by and --metadata do not go with --data: leave "
            "them out."
        )


def evaluate_external(
    models: Sequence[Path],
    sources: Sequence[Path],
    *,
    splits: Path | None,
    split: str,
    out: Path | None,
    classes: str | None,
    tta: bool,
    image_size: int | None,
    resamples: int,
    official: bool,
    notice: bool,
    console: "Console",
) -> bool:
    """Report each source by itself, in a folder of its name; tell whether the model collapsed on all of them.

    Raises:
        DataError: there is not one model, a bundle's report has no folder, or the data cannot be used.
    """
    from dermdistill.cli.evaluation.answering import answers_of
    from dermdistill.errors import DataError
    from dermdistill.evaluate.external.rows import ALL, read_external
    from dermdistill.runs import CONFIG

    if len(models) != 1:
        raise DataError("--data takes one run, bundle or csv; compare several with `dermdistill board`.")
    model = models[0]
    if out is None:
        if not (model / CONFIG).is_file():
            raise DataError(
                f"Name a folder for the report on {model} with --out; nothing is written beside it."
            )
        out = model / "external"
    externals = [read_external(folder, splits, split if splits else ALL) for folder in sources]
    collapsed = []
    for folder, one in zip(
        sources, answers_of(model, externals, classes=classes, tta=tta, image_size=image_size), strict=True
    ):
        collapsed.append(
            _report(
                one,
                folder,
                out / one.source,
                resamples=resamples,
                official=official,
                notice=notice,
                console=console,
            )
        )
    return all(collapsed)


def _report(
    answers: "Answers",
    data: Path,
    out: Path,
    *,
    resamples: int,
    official: bool,
    notice: bool,
    console: "Console",
) -> bool:
    from dermdistill.errors import DataError
    from dermdistill.evaluate.board.table import unknown_kinds
    from dermdistill.evaluate.report.analyse import analyse
    from dermdistill.evaluate.report.slices import read_metadata
    from dermdistill.evaluate.report.write import write_report, write_table
    from dermdistill.files import file_sha256
    from dermdistill.metrics.predictions import write_classes, write_predictions
    from dermdistill.metrics.priors import find_priors

    known = answers.known()
    if known.empty:
        raise DataError(f"{answers.model} knows none of the kinds of lesion of {answers.source}.")
    out.mkdir(parents=True, exist_ok=True)
    csv_path = out / "predictions.csv"
    write_predictions(known, csv_path)
    write_classes(csv_path, answers.classes)
    priors, origin = (
        (dict(answers.priors), "what the model was trained on")
        if answers.priors
        else find_priors(known, None)
    )
    report = analyse(
        known,
        answers.classes,
        split=answers.split,
        class_priors=priors,
        class_priors_from=origin,
        calibrate=False,
        resamples=resamples,
    )
    write_report(
        report,
        known,
        answers.classes,
        out,
        source={"file": csv_path.name, "sha256": file_sha256(csv_path), "data": answers.source},
        metadata=read_metadata(data / "index.csv"),
        title=answers.model,
        notice=notice,
    )
    console.print(f"{answers.model} on {answers.source}", style="bold", highlight=False)
    show_report(report, console)
    unknown = unknown_kinds([answers])
    if len(unknown):
        write_table(answers.unknown(), out / "unknown_kinds.csv")
        show_frame(unknown, "Kinds of lesion that the model does not know, in no figure above", console)
    if official:
        show_official(known, out, console)
    for warning in answers.warnings:
        warn(warning, console)
    console.print(f"Report: {out}", highlight=False)
    return report.collapsed
