"""`dermdistill predict`: images in, a table out."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dermdistill.inference.batch import Row


def command(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Images, or folders searched for images.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Write a .csv, .jsonl or .parquet file instead of showing a table.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Folder of an exported bundle.", show_default="the shipped one")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file --out names.")] = False,
) -> None:
    """Answer photographs of skin lesions: class and probabilities. Research use only, not a medical device.

    A file that cannot be read gets a row with its error, and the exit code is 1 at the end. With --out the
    same command goes on where it was stopped, and an existing file is replaced only with --overwrite.
    """
    from dermdistill.cli.native_log import hushed
    from dermdistill.inference.batch import find_images, predict_files
    from dermdistill.inference.engine import load_bundle
    from dermdistill.inference.resumable import check_out, predict_to_table

    if out is None:
        files = find_images(paths)
        with hushed():
            engine = load_bundle(bundle)
        shown = list(_with_progress(predict_files(engine, files), len(files)))
        failed = sum(row.error is not None for row in shown)
        _show(shown)
    else:
        check_out(out, overwrite=overwrite)
        with hushed():
            engine = load_bundle(bundle)
        outcome = predict_to_table(engine, paths, out, overwrite=overwrite, watch=_with_progress)
        failed = outcome.failed
        earlier = f" {outcome.before} were answered by an earlier run." if outcome.before else ""
        typer.echo(
            f"{outcome.images} images answered in {out}, {failed} of them with an error.{earlier}", err=True
        )
    if failed:
        raise typer.Exit(1)


def _with_progress(rows: Iterable["Row"], total: int) -> Iterator["Row"]:
    """Show a bar with rate and time left on standard error, if a person is there to see it."""
    import sys

    if total < 3 or not sys.stderr.isatty():
        yield from rows
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("predict"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.0f} images/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("predict", total=total, rate=0.0)
        for row in rows:
            progress.advance(task)
            progress.update(task, rate=progress.tasks[0].speed or 0.0)
            yield row


def _show(rows: list["Row"]) -> None:
    """Print a table; wide when it goes into a file or a pipe, so that nothing is cut off."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from dermdistill.taxonomy import CLASSES, RESEARCH_USE

    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    table = Table(caption=f"Probabilities in percent. {RESEARCH_USE}", caption_justify="left")
    table.add_column("image", overflow="fold")
    table.add_column("most likely class")
    for heading in ("malignant or precursor", *CLASSES):
        table.add_column(heading, justify="right")
    for row in rows:
        answer = row.prediction
        if answer is None:
            table.add_row(Text(str(row.path)), Text(row.error or "", "red"))
            continue
        percentages = [answer.malignant_probability, *answer.probs.values()]
        table.add_row(
            Text(str(row.path)),
            f"{answer.name} ({answer.diagnosis})",
            *(f"{100 * p:.1f}" for p in percentages),
        )
    console.print(table)
