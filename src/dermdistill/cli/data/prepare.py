"""`dermdistill data prepare`: what it takes and what it shows."""

import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from textwrap import shorten
from typing import Annotated, Any

import typer

from dermdistill.cli.data.tables import show_table


class Picture(StrEnum):
    """What a picture was taken with: a dermatoscope, or a camera alone."""

    DERMOSCOPIC = "dermoscopic"
    CLINICAL = "clinical"


_SOURCE_NAME = re.compile(r"[A-Za-z0-9._-]*")


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
    no_header: Annotated[
        bool, typer.Option("--no-header", help="--metadata has no header; --column takes numbers from 1.")
    ] = False,
    classes: Annotated[
        str, typer.Option(help="The class table: ham10000, isic2019, milk10k, pad_ufes, melanoma or a .toml.")
    ] = "ham10000",
    source_name: Annotated[
        str, typer.Option(help="What splits and reports call this data set; else its own or its folder's.")
    ] = "",
    picture: Annotated[
        Picture | None, typer.Option(help="What the pictures are, where their rows do not say.")
    ] = None,
    licence: Annotated[str, typer.Option(help="Of the images, where their rows do not say.")] = "",
    citation: Annotated[str, typer.Option(help="What whoever uses the images should cite.")] = "",
    image_size: Annotated[int, typer.Option(help="Side of the cached images, in pixels.", min=8)] = 224,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse a data set that has any problem.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a data set of other files or settings.")
    ] = False,
) -> None:
    """Check every row and image of a data set, and decode it once into a cache.

    Known layouts: HAM10000 from Kaggle or Harvard Dataverse, MILK10k, PAD-UFES-20, Derm7pt, PH2, the ISIC
    challenges of 2017 to 2020, and downloads of the ISIC archive. Also understood: a folder for each class, a
    table of images with usual column names, and any table with --metadata and --column. An interrupted
    command goes on where it stopped.
    """
    from dermdistill.classes import load_classes
    from dermdistill.cli.terminal import bars
    from dermdistill.data.prepare.prepare import ProblemsError
    from dermdistill.data.prepare.prepare import prepare as run
    from dermdistill.data.sources import About, read_source

    if not _SOURCE_NAME.fullmatch(source_name):
        raise typer.BadParameter("use letters, digits and . _ -", param_hint="--source-name")
    table = load_classes(classes)
    found = read_source(
        source,
        classes=table,
        metadata=metadata,
        columns=_pairs(column, "--column"),
        labels=_pairs(label, "--label"),
        header=False if no_header else None,
        about=About(source_name, licence, citation, picture.value if picture else ""),
    )
    for note in found.notes:
        typer.echo(note)
    try:
        with bars("images/s") as advance:

            def on_progress(done: int, total: int) -> None:
                advance("Decoding", done, total)

            outcome = run(
                found,
                out,
                classes=table,
                image_size=image_size,
                strict=strict,
                overwrite=overwrite,
                on_progress=on_progress,
            )
    except ProblemsError as error:
        _show_problems(error.problems)
        raise
    report = outcome.report
    _show_problems(report["problems"])
    _show_counts(report)
    state = "was prepared from the same files already" if outcome.already else "is prepared"
    typer.echo(
        f"{out} {state}: {report['images']} images of {report['lesions']} lesions ({report['layout']}) in "
        f"{report['groups']} groups; source {report['source']}, "
        f"{' and '.join(f'{n} {kind}' for kind, n in report['pictures'].items())}."
    )
    codes = [entry.code for entry in table.classes]
    if absent := [code for code in codes if code not in report["images_per_class"]]:
        typer.echo(f"Not one image is of the class{'es' * (len(absent) > 1)} {', '.join(absent)}.")
    typer.echo(f"Licence: {', '.join(name or 'not known' for name in report['licences'])}.")
    if report["citation"]:
        typer.echo(f"Cite: {report['citation']}.")
    contradicted = [problem for problem in report["problems"] if problem["kind"] == "only_contradicted"]
    if contradicted:
        typer.echo(
            f"WARNING: each of these {report['images']} images has the pixels of another one with another "
            f"diagnosis (different pictures: {len(contradicted)}). {out / 'prepare.json'} names them. No "
            "split, training or evaluation takes them.",
            err=True,
        )


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
            example = " ".join(
                [*first["images"][:2], f"({shorten(first['detail'], 60, placeholder=' ...')})"]
            )
            images = str(sum(len(problem["images"]) for problem in group) or "")
            rows.append([kind.title, str(len(group)), images, f"{kind.action}: {kind.policy}", example])
    if rows:
        show_table(["problem", "times", "images", "what is done", "first"], rows)


def _show_counts(report: dict[str, Any]) -> None:
    classes = list(report["images_per_class"])
    show_table(
        ["", *classes],
        [
            [unit, *(str(report[f"{unit}_per_class"][code]) for code in classes)]
            for unit in ("images", "lesions")
        ],
    )
