"""`dermdistill board`: models against sources, one table."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdistill.cli.evaluation.shown import show_frame
from dermdistill.cli.options import Notice, Official, Resamples
from dermdistill.cli.terminal import warn

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console

# Of each part of a source; board.md has every figure.
_BRIEF = ("balanced_accuracy", "melanoma_auc", "malignant_auc", "malignant_sensitivity", "false_reassurance")


def command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Bundles, and tables of probabilities (image_id and a column for each class).",
            exists=True,
            metavar="[BUNDLE|CSV]...",
            show_default="the shipped bundle",
        ),
    ] = None,
    *,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Prepared data sets, --data A B C; those of --splits, else all their images.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    splits: Annotated[
        Path | None, typer.Option(help="A splits.csv of these sources.", exists=True, dir_okay=False)
    ] = None,
    split: Annotated[str, typer.Option(help="With --splits: the split to measure on.")] = "test",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for board.csv, .md, .tex, .json, .png and .pdf.", file_okay=False),
    ] = None,
    classes: Annotated[
        str | None,
        typer.Option(
            help="Class table of a csv's columns: a preset or a .toml.",
            show_default="the preset with most of them",
        ),
    ] = None,
    official: Official = False,
    notice: Notice = True,
    resamples: Resamples = 1000,
) -> None:
    """Measure models on prepared data sets, whole and by picture kind, skin tone, age and sex.

    Kinds of lesion that a model does not know are shown apart, with the share that it refers. A bundle is
    measured by its assessments, which give false reassurance and the number needed to biopsy. A csv is
    measured by its argmax class. With --out, a bundle's answers are kept in that folder and reused.
    """
    from rich.console import Console

    from dermdistill.bundle import default_bundle_path
    from dermdistill.cli.evaluation.answering import answers_of, sort_paths
    from dermdistill.errors import DataError
    from dermdistill.evaluate.board.official import official_frame
    from dermdistill.evaluate.board.table import board_frame, unknown_kinds
    from dermdistill.evaluate.external.rows import ALL, read_external

    console = Console()
    if not console.is_terminal:  # in a file or a pipe nothing is to be cut off
        console = Console(width=200)
    models, sources = sort_paths(paths or [], data or [])
    if not sources:
        raise DataError("No prepared data set is named; give one or more with --data.")
    externals = [read_external(folder, splits, split if splits else ALL) for folder in sources]
    answers = []
    for model in models or [default_bundle_path()]:
        keep_in = None if out is None else out / "answers"
        answers += answers_of(model, externals, classes=classes, keep_in=keep_in)
    board, unknown = board_frame(answers, resamples=resamples), unknown_kinds(answers)
    scored = official_frame(answers) if official else None
    warnings = list(dict.fromkeys(warning for one in answers for warning in one.warnings))
    _show(board, unknown, scored, console)
    for warning in warnings:
        warn(warning, console)
    if out is not None:
        from dermdistill.evaluate.board.write import write_board
        from dermdistill.files import file_sha256

        words = [path.name for path in models]
        words += ["--data", *(path.name for path in sources)]
        words += ["--splits", splits.name, "--split", split] if splits else []
        words += ["--official"] if official else []
        words += ["--out", out.name, *(["--resamples", str(resamples)] if resamples != 1000 else [])]
        write_board(
            out,
            board,
            unknown,
            scored,
            command=" ".join(["dermdistill", "board", *words]),
            made_of={
                "models": list(dict.fromkeys(one.model for one in answers)),
                "data": {external.name: external.fingerprint for external in externals},
                "splits_sha256": file_sha256(splits) if splits else None,
                "split": split if splits else ALL,
            },
            resamples=resamples,
            warnings=warnings,
            notice=notice,
        )
        console.print(f"Board: {out}", highlight=False)


def _show(
    board: "pd.DataFrame", unknown: "pd.DataFrame", official: "pd.DataFrame | None", console: "Console"
) -> None:
    """Print the sources with every figure, a column a source; then their parts with some."""
    from rich.table import Table

    from dermdistill.evaluate.board.table import FIGURES, main_rows
    from dermdistill.evaluate.board.text import readable

    main = readable(main_rows(board))
    for student, part in main.groupby("model", sort=False):
        table = Table(title=f"{student} [95 % intervals over groups]", title_style="bold", show_lines=True)
        table.add_column("")
        for source, name in zip(part["source"], part["slice"], strict=True):
            table.add_column(source if name == "all" else f"{source} {name}", overflow="fold")
        for row in ("images", "groups", "melanomas", "malignant", "of unknown kinds", *FIGURES.values()):
            table.add_row(row, *(value.replace(" [", "\n[") for value in part[row]))
        console.print(table, highlight=False, markup=False)
    names = [FIGURES[figure] for figure in _BRIEF]
    parts = readable(board[~board["attribute"].isin(["all", "picture"])])
    for (model, source), of_source in parts.groupby(["model", "source"], sort=False):
        show_frame(
            of_source[["attribute", "slice", "images", "groups", *names]],
            f"{model} on parts of {source}",
            console,
        )
    if len(unknown):
        show_frame(unknown, "Kinds of lesion that the model does not know", console)
    if official is not None:
        show_frame(official, "By isic-challenge-scoring", console)
