"""`dermdistill predict`: images in, a table out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdistill.cli.options import BundleDir, Sensitivity

if TYPE_CHECKING:
    from dermdistill.inference.batch.files import Row
    from dermdistill.inference.prediction import Prediction


def command(  # noqa: PLR0917 - typer names them, nobody calls it by position
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Images, or folders searched for images. With --ray also patterns, .tar and .parquet files, "
            "and addresses of all these.",
        ),
    ],
    out: Annotated[
        str | None,
        typer.Option(
            help="Write a .csv, .jsonl or .parquet file instead of showing a table. With --ray a folder or "
            "its address, for the parts of a table.",
        ),
    ] = None,
    bundle: BundleDir = None,
    sensitivity: Sensitivity = None,
    quality: Annotated[
        bool,
        typer.Option(
            help="With --out, check the photographs too: blur, light, frame, hair. Without, no picture "
            "counts as too poor to be judged."
        ),
    ] = True,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file --out names.")] = False,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Answer on a Ray cluster, docs/scale.md: HOST:PORT of its head, auto, or local for this "
            "machine's cores.",
        ),
    ] = None,
    images_per_part: Annotated[
        int, typer.Option(min=1, help="With --ray: files answered into one part of the table.")
    ] = 1000,
) -> None:
    """Answer photographs of skin lesions: what to tell a person, and probabilities. For research use only.

    The assessment says what a person should be told: see_doctor, cannot_judge, unclear or no_sign. A file
        that cannot be read gets a row with its error, and the exit code is 1 at the end. With --out the same
        command goes on where it was stopped. Only --overwrite replaces an existing file, or drops the answers
        of a different command.

    A folder is searched at any depth for image files: .jpg, .png, .tif, .dcm, .heic and others. Hidden files
    and links to folders are left out.
    """
    from dermdistill.cli.terminal import hushed, tracked
    from dermdistill.inference.batch.files import find_images, predict_files
    from dermdistill.inference.engine import load_bundle

    if ray is not None:
        from dermdistill.cli.cluster import predict_on_cluster

        predict_on_cluster(
            paths,
            out,
            ray,
            bundle=bundle,
            sensitivity=sensitivity,
            quality=quality,
            overwrite=overwrite,
            images_per_part=images_per_part,
        )
        return
    watch = partial(tracked, what="predict")
    if out is None:
        files = find_images(map(Path, paths))
        with hushed():
            engine = load_bundle(bundle, sensitivity=sensitivity)
        shown = list(watch(predict_files(engine, files, quality=True), len(files)))
        failed = sum(row.error is not None for row in shown)
        _show(shown, engine.spec.codes, engine.spec.decision)
    else:
        from dermdistill.inference.batch.resumable import check_out, predict_to_table

        table = Path(out)
        check_out(table, overwrite=overwrite)
        with hushed():
            engine = load_bundle(bundle, sensitivity=sensitivity)
        outcome = predict_to_table(
            engine, list(map(Path, paths)), table, quality=quality, overwrite=overwrite, watch=watch
        )
        failed = outcome.failed
        typer.echo(outcome.sentence(out), err=True)
    if failed:
        raise typer.Exit(1)


def _show(rows: list["Row"], codes: tuple[str, ...], decision: str) -> None:
    """Print a table; wide when it goes into a file or a pipe, so that nothing is cut off.

    The class that the bundle's rule decides for need not be the most probable one; then both are shown.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from dermdistill.classes import RESEARCH_USE
    from dermdistill.files import printable

    console = Console()
    if not console.is_terminal:
        console = Console(width=400)
    answered = [row.prediction for row in rows if row.prediction]
    said = f"The class is decided by {_RULES.get(decision, decision)}."
    table = Table(caption=f"{said} {_setting(answered)} {RESEARCH_USE}", caption_justify="left")
    table.add_column("image", overflow="fold")
    table.add_column("assessment", no_wrap=True)
    table.add_column("why")
    if any(answer.picture for answer in answered):
        table.add_column("picture")
    table.add_column("class")
    for heading in ("malignant or precursor", *codes):
        table.add_column(heading, justify="right")
    for row in rows:
        answer = row.prediction
        if answer is None:
            table.add_row(
                Text(printable(row.path)), Text("error", "red"), Text(printable(row.error or ""), "red")
            )
            continue
        percentages = [answer.malignant_probability, *answer.probs.values()]
        level = answer.assessment.level
        table.add_row(
            Text(printable(row.path)),
            Text(level.replace("_", " "), _STYLES[level]),
            Text(_why(answer)),
            *([answer.picture.kind] if answer.picture else []),
            _class(answer),
            *(f"{100 * p:.1f}" for p in percentages),
        )
    console.print(table)


_STYLES = {"see_doctor": "bold red reverse", "cannot_judge": "magenta", "unclear": "yellow", "no_sign": ""}


def _why(answer: "Prediction") -> str:
    """The reasons of an assessment and what is wrong with the photograph, in a word or two each."""
    words = [*answer.assessment.reasons, *(warning.code for warning in answer.quality or ())]
    return ", ".join(word.replace("_", " ") for word in dict.fromkeys(words))


def _setting(answers: list["Prediction"]) -> str:
    """At which operating point it was decided, and in how many melanomas "no sign" was wrong."""
    if not answers or answers[0].assessment.sensitivity is None:
        return "Probabilities in percent."
    said = f"Decided at a sensitivity of {answers[0].assessment.sensitivity:g}. Probabilities in percent."
    missed = answers[0].missed_melanomas
    if missed is None:
        return f"{said} In how many melanomas no_sign is wrong was not measured."
    return (
        f"{said} Of 100 melanomas, {missed.per_100:.1f} were answered no_sign "
        f"({missed.n_lesions} measured, 95 % interval {missed.low:.1f} to {missed.high:.1f})."
    )


# How a bundle decides, in words.
_RULES = {
    "argmax_p": "the highest probability (argmax_p)",
    "argmax_p_over_prior": "the highest ratio of probability to share among the training images "
    "(argmax_p_over_prior); it need not be the most probable class",
}


def _class(answer: "Prediction") -> str:
    most_probable = max(answer.probs, key=answer.probs.__getitem__)
    also = "" if most_probable == answer.diagnosis else f"; most probable: {most_probable}"
    return f"{answer.name} ({answer.diagnosis}){also}"
