"""Arguments and options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dermdistill.classes import ClassTable

RecipePath = Annotated[Path, typer.Argument(help="Recipe, a TOML file.", exists=True, dir_okay=False)]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="Override a setting of the recipe: KEY=VALUE, as in phases.0.epochs=3. May be repeated."
    ),
]
Sensitivity = Annotated[
    float | None,
    typer.Option(
        help="Operating point of the assessment, one of the bundle's, such as 0.95 or 0.98.",
        min=0,
        max=1,
        show_default="0.95",
    ),
]
Init = Annotated[
    str | None,
    typer.Option(help="Starting weights: none, imagenet (downloaded), a weights file, or a run folder."),
]
RunsDir = Annotated[Path, typer.Option(help="Folder that holds the runs.", file_okay=False)]
Views = Annotated[
    int | None,
    typer.Option(
        min=1, help="Views of each image; by default the batches.view_bank of the student's recipe."
    ),
]
ImageSize = Annotated[
    int | None,
    typer.Option(
        min=16,
        help="Pixels of the views that the teachers see.",
        show_default="those of each one's last phase",
    ),
]
Plugin = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin",
        help="A Python file that registers models or losses of your own, docs/python.md. May be repeated.",
        exists=True,
        dir_okay=False,
    ),
]
KeepCheckpoint = Annotated[
    bool,
    typer.Option(
        "--keep-checkpoint",
        help="Keep the last checkpoint of a finished training, four times the size of the weights. "
        "Later epochs then go on from the last step instead of the best epoch.",
    ),
]
Resamples = Annotated[int, typer.Option(min=10, help="Bootstrap resamples.")]
Official = Annotated[
    bool, typer.Option("--official", help="Also score as the ISIC challenges do, by isic-challenge-scoring.")
]
Notice = Annotated[
    bool,
    typer.Option(
        "--notice/--no-notice",
        help="The notice of research use below each figure; leave it out where the text has it.",
    ),
]
Title = Annotated[
    str | None,
    typer.Option(
        "--title", help="What the captions of figures call the model.", show_default="its run, bundle or file"
    ),
]
Track = Annotated[
    list[str] | None,
    typer.Option(
        help="Tell every epoch to tensorboard (files in the run) or mlflow (MLFLOW_TRACKING_URI, else mlruns "
        "in the runs), docs/scale.md. May be repeated."
    ),
]
BundleDir = Annotated[
    Path | None, typer.Option(help="Folder of an exported bundle.", show_default="the shipped one")
]
ClassesOf = Annotated[
    str | None,
    typer.Option(
        "--classes",
        help="Class table of the predictions: ham10000, isic2019, milk10k, pad_ufes, melanoma or a .toml.",
        show_default="what lies beside them, or the table with exactly their classes",
    ),
]


def class_table(named: str | None, csv_path: Path, codes: tuple[str, ...]) -> "ClassTable":
    """The class table of a predictions file with these class codes: the one named, or what can be found.

    Raises:
        DataError: none is found, or the one named lacks a class.
    """
    from dermdistill.classes import load_classes
    from dermdistill.errors import DataError
    from dermdistill.metrics.predictions import find_classes

    if named is None:
        return find_classes(csv_path, codes)
    table = load_classes(named)
    if absent := [code for code in codes if code not in table.codes]:
        raise DataError(f"The class table {named} has no class {absent[0]}, which {csv_path} has.")
    return table.keep(codes)
