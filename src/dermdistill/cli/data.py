"""`dermdistill data`: prepare, download, split, audit."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from dermdistill.data.audit import Audit

app = typer.Typer(help="Prepare, download, split and audit data sets.", no_args_is_help=True)


class What(StrEnum):
    """What `download` can fetch."""

    HAM10000 = "ham10000"
    ISIC2018_TEST = "isic2018-test"


@app.command()
def prepare(
    source: Annotated[Path, typer.Argument(help="Folder with the images and their table.")],
    *,
    out: Annotated[Path, typer.Option(help="Folder to write the prepared data set to.", file_okay=False)],
    metadata: Annotated[
        Path | None, typer.Option(help="The table, where no known layout fits.", exists=True, dir_okay=False)
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="OURS=THEIRS, a column of --metadata; may be repeated.")
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="THEIRS=CODE, a diagnosis of the table; may be repeated.")
    ] = None,
    image_size: Annotated[int, typer.Option(help="Side of the cached images, in pixels.", min=8)] = 224,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a data set that has any problem.")] = False,
) -> None:
    """Check every row and image of a data set, and decode it once into a cache.

    Understood are Kaggle's HAM10000 folders, Harvard Dataverse's zips, ISIC 2018 Task 3, ISIC 2019, an image
    folder with HAM10000_metadata.csv, and with --metadata and --column any table. It may be interrupted and
    started again; it goes on where it was.
    """
    from dermdistill.cli.terminal import bars
    from dermdistill.data.prepare.prepare import ProblemsError
    from dermdistill.data.prepare.prepare import prepare as run
    from dermdistill.data.sources import read_source

    found = read_source(
        source,
        metadata=metadata,
        columns=_pairs(column, "--column"),
        labels=_pairs(label, "--label"),
    )
    try:
        with bars("images/s") as advance:

            def on_progress(done: int, total: int) -> None:
                advance("Decoding", done, total)

            outcome = run(found, out, image_size=image_size, strict=strict, on_progress=on_progress)
    except ProblemsError as error:
        _show_problems(error.problems)
        raise
    report = outcome.report
    _show_problems(report["problems"])
    _show_counts(report)
    state = "was prepared from the same files already" if outcome.already else "is prepared"
    typer.echo(
        f"{out} {state}: {report['images']} images of {report['lesions']} lesions ({report['layout']})."
    )


@app.command()
def download(
    *,
    out: Annotated[Path, typer.Option(help="Folder to download to.", file_okay=False)],
    what: Annotated[What, typer.Option(help="HAM10000, or the official test set.")] = What.HAM10000,
    base_url: Annotated[str, typer.Option(help="The Dataverse server.")] = "https://dataverse.harvard.edu",
) -> None:
    """Download HAM10000 from Harvard Dataverse, checked by MD5; started again, it goes on where it was."""
    from dermdistill.cli.terminal import bars
    from dermdistill.data.download import LICENCE
    from dermdistill.data.download import download as run

    with bars("MB/s") as advance:

        def on_file(name: str, here: int, total: int) -> None:
            advance(name, here / 1e6, total / 1e6)

        paths = run(out, what.value, base_url=base_url, on_file=on_file)
    for path in paths:
        typer.echo(f"{path} is complete.")
    typer.echo(LICENCE)


@app.command()
def split(
    prepared: Annotated[Path, typer.Argument(help="Folder written by `data prepare`.")],
    *,
    out: Annotated[Path, typer.Option(help="The csv to write; a .json goes beside it.", dir_okay=False)],
    seed: Annotated[int, typer.Option(help="Which of the possible splits.")] = 20180801,
    val: Annotated[float, typer.Option(help="Share of the images for validation.", min=0, max=1)] = 0.15,
    test: Annotated[float, typer.Option(help="Share of the images for test.", min=0, max=1)] = 0.15,
    folds: Annotated[int, typer.Option(help="Folds of the train part; 0 for none.", min=0)] = 5,
) -> None:
    """Split a prepared data set into train, val and test, and train into folds; no lesion is in two parts."""
    from dermdistill.data.prepared import load_prepared
    from dermdistill.data.splits import PARTS, make_splits, write_splits

    data = load_prepared(prepared)
    splits = make_splits(data.index, seed=seed, val=val, test=test, folds=folds)
    settings = {"seed": seed, "val": val, "test": test, "folds": folds, "data_fingerprint": data.fingerprint}
    summary = write_splits(splits, out, settings)
    images, lesions = summary["images"], summary["lesions"]
    parts = [part for part in PARTS if part in images]
    codes = sorted({code for part in parts for code in images[part]})
    cells = {
        code: [f"{images[part].get(code, 0)} ({lesions[part].get(code, 0)})" for part in parts]
        for code in codes
    }
    _table(["class", *parts], [[code, *cells[code]] for code in codes])
    typer.echo(
        f"{out} has {len(splits)} images (lesions in brackets); seed {seed}, sha256 {summary['sha256']}."
    )


@app.command()
def audit(
    splits: Annotated[
        Path, typer.Argument(help="A csv with image_id and split.", exists=True, dir_okay=False)
    ],
    *,
    data: Annotated[
        Path | None, typer.Option(help="Prepared data set: its lesions are believed, its pixels compared.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write the figures as json.", dir_okay=False)] = None,
) -> None:
    """Count the lesions and near-duplicate images that a split, made by anybody, has in two parts.

    The exit code is 1 when there is a leak.
    """
    import json
    from dataclasses import asdict

    from dermdistill.data.audit import audit as run
    from dermdistill.data.audit import read_any_split
    from dermdistill.data.prepared import load_prepared
    from dermdistill.files import write_atomically

    prepared = load_prepared(data) if data else None
    result = run(read_any_split(splits, prepared), prepared)
    if out:
        write_atomically(out, (json.dumps(asdict(result), indent=2) + "\n").encode())
    _show_audit(result)
    typer.echo(f"{splits} {'LEAKS' if result.leaking else 'leaks nothing that was looked for'}.")
    if result.leaking:
        raise typer.Exit(1)


def _pairs(texts: Sequence[str] | None, option: str) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts or ()]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise typer.BadParameter(f"{name}{equals}{value} has not the form NAME=VALUE", param_hint=option)
    return {name: value for name, _, value in pairs}


def _show_problems(problems: Sequence[dict[str, Any]]) -> None:
    from dermdistill.data.prepare.problems import KINDS

    rows = []
    for name, kind in KINDS.items():
        alike: dict[str, list[dict[str, Any]]] = {}
        for problem in problems:
            if problem["kind"] == name:
                # Each unknown diagnosis wants a --label of its own, so each is shown.
                alike.setdefault(problem["detail"] if name == "unknown_class" else "", []).append(problem)
        for group in sorted(alike.values(), key=len, reverse=True):
            first = group[0]
            example = " ".join([*first["images"][:2], f"({first['detail']})"])
            rows.append([kind.title, str(len(group)), f"{kind.action}: {kind.policy}", example])
    if rows:
        _table(["problem", "times", "what is done", "first"], rows)


def _show_counts(report: dict[str, Any]) -> None:
    classes = list(report["images_per_class"])
    _table(
        ["", *classes],
        [
            [unit, *(str(report[f"{unit}_per_class"][code]) for code in classes)]
            for unit in ("images", "lesions")
        ],
    )


def _show_audit(result: "Audit") -> None:
    rows = []
    for code, leak in result.leaks.items():
        blind = result.by_image[code]
        rows.append(
            [
                code,
                f"{leak.leaked_lesions} of {leak.lesions}",
                f"{leak.leaked_images} of {leak.held_out}",
                f"{blind.leaked_lesions} of {blind.lesions}",
                f"{blind.leaked_images} of {blind.held_out} ({blind.leaked_share:.0%})",
            ]
        )
    header = ["class", "leaked lesions", "held-out images", "by image: lesions", "held-out images"]
    _table(header, rows)
    typer.echo(f"Images per part: {', '.join(f'{part} {n}' for part, n in result.parts.items())}.")
    if result.fold_leaked_lesions is not None:
        typer.echo(f"Lesions in two folds: {result.fold_leaked_lesions}.")
    typer.echo(f"Images in two parts: {len(result.repeated_images)}.")
    pairs = result.near_duplicates
    typer.echo(
        f"Near-duplicate pairs across parts: {'not compared, give --data' if pairs is None else len(pairs)}."
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*header, box=SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
