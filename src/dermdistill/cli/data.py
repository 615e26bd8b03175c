"""`dermdistill data`: prepare, download, split, audit."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dermdistill.data.decode import OnProgress

app = typer.Typer(help="Prepare, download, split and audit data sets.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option("--out", help="Folder to write to.", file_okay=False)]


@app.command()
def prepare(
    source: Annotated[Path, typer.Argument(help="Folder with the images and their table.")],
    out: Folder,
    image_size: Annotated[int, typer.Option(help="Side of the cached images, in pixels.", min=8)] = 224,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a data set that has any problem.")] = False,
) -> None:
    """Check every row and image of a data set, and decode it once into a cache."""
    from dermdistill.data.prepare import prepare as run
    from dermdistill.data.sources import read_source

    with _bar("Decoding", "images") as on_progress:
        outcome = run(read_source(source), out, image_size=image_size, strict=strict, on_progress=on_progress)
    report = outcome.report
    typer.echo(f"{report['images']} images of {report['lesions']} lesions in {out}.")


@app.command()
def split(
    prepared: Annotated[Path, typer.Argument(help="Folder written by `data prepare`.")],
    out: Annotated[Path, typer.Option("--out", help="The csv to write.", dir_okay=False)],
    seed: Annotated[int, typer.Option(help="Which of the possible splits.")] = 20180801,
    val: Annotated[float, typer.Option(help="Share of the images for validation.")] = 0.15,
    test: Annotated[float, typer.Option(help="Share of the images for test.")] = 0.15,
    folds: Annotated[int, typer.Option(help="Folds of the train part; 0 for none.")] = 5,
) -> None:
    """Split a prepared data set into train, val and test, and folds of train; never a lesion in two parts."""
    from dermdistill.data.cache import load_prepared
    from dermdistill.data.splits import make_splits, write_splits

    data = load_prepared(prepared)
    splits = make_splits(data.index, seed=seed, val=val, test=test, folds=folds)
    settings = {"seed": seed, "val": val, "test": test, "folds": folds, "data_fingerprint": data.fingerprint}
    summary = write_splits(splits, out, settings)
    typer.echo(f"{out} sha256 {summary['sha256']}")


@contextmanager
def _bar(title: str, unit: str) -> "Iterator[OnProgress]":
    """Show a bar on stderr with count, rate and time left; yields a function of (done, in all)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{{task.fields[rate]}} {unit}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None, rate="-")

        def on_progress(done: int, total: int) -> None:
            speed = progress.tasks[0].speed
            progress.update(task, completed=done, total=total, rate=f"{speed:.0f}" if speed else "-")

        yield on_progress
