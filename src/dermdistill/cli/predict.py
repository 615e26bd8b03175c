"""`dermdistill predict`: images in, a table out."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdistill.cli.options import BundleDir

if TYPE_CHECKING:
    from dermdistill.inference.batch.files import Row
    from dermdistill.inference.prediction import Prediction


def command(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Images, or folders searched for images.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write a .csv, .jsonl or .parquet file instead of showing a table.")
    ] = None,
    bundle: BundleDir = None,
    quality: Annotated[
        bool,
        typer.Option("--quality", help="With --out, check the photographs too: blur, light, frame, hair."),
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file --out names.")] = False,
) -> None:
    """Answer photographs of skin lesions: class and probabilities. Research use only, not a medical device.

    A picture that looks like no lesion keeps its row, marked as refused. A file that cannot be read gets a
    row with its error, and the exit code is 1 at the end. With --out the same command goes on where it was
    stopped; only --overwrite replaces an existing file, or drops answers of a command that was another.

    A folder is searched at any depth for names that end as those of images do, such as .jpg, .png, .tif, .dcm
    or .heic; hidden files and links to folders are left out.
    """
    from dermdistill.cli.terminal import hushed, tracked
    from dermdistill.inference.batch.files import find_images, predict_files
    from dermdistill.inference.engine import load_bundle

    watch = partial(tracked, what="predict")
    if out is None:
        files = find_images(paths)
        with hushed():
            engine = load_bundle(bundle)
        shown = list(watch(predict_files(engine, files, quality=True), len(files)))
        failed = sum(row.error is not None for row in shown)
        _show(shown, engine.spec.codes, engine.spec.decision)
    else:
        from dermdistill.inference.batch.resumable import check_out, predict_to_table

        check_out(out, overwrite=overwrite)
        with hushed():
            engine = load_bundle(bundle)
        outcome = predict_to_table(engine, paths, out, quality=quality, overwrite=overwrite, watch=watch)
        failed = outcome.failed
        earlier = f" {outcome.before} were answered by an earlier run." if outcome.before else ""
        typer.echo(
            f"{outcome.images} images answered in {out}, {failed} of them with an error.{earlier}", err=True
        )
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
        console = Console(width=260)
    said = f"The class is decided by {_RULES.get(decision, decision)}. Probabilities in percent."
    table = Table(caption=f"{said} {RESEARCH_USE}", caption_justify="left")
    table.add_column("image", overflow="fold")
    table.add_column("class")
    for heading in ("malignant or precursor", *codes):
        table.add_column(heading, justify="right")
    table.add_column("caution")
    for row in rows:
        answer = row.prediction
        if answer is None:
            table.add_row(Text(printable(row.path)), Text(printable(row.error or ""), "red"))
            continue
        percentages = [answer.malignant_probability, *answer.probs.values()]
        table.add_row(
            Text(printable(row.path)),
            _class(answer),
            *(f"{100 * p:.1f}" for p in percentages),
            Text(_caution(answer), "yellow"),
        )
    console.print(table)


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


def _caution(answer: "Prediction") -> str:
    """What speaks against relying on an answer, in a word or two each."""
    gate = answer.out_of_distribution
    refused = ["looks like no skin lesion"] if gate and gate.refused else []
    return ", ".join(refused + [warning.code.replace("_", " ") for warning in answer.quality or ()])
