"""`dermdistill train`: a teacher, or a student without one, from a recipe."""

from pathlib import Path
from typing import Annotated

import typer

RecipePath = Annotated[Path, typer.Argument(help="Recipe, a TOML file.", exists=True, dir_okay=False)]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a setting of the recipe: key=value, as in phases.0.epochs=3."),
]
Init = Annotated[
    str | None,
    typer.Option(help="Starting weights: none, imagenet (download), a weights file, or a run folder."),
]
RunsDir = Annotated[Path, typer.Option(help="Folder that holds the runs.", file_okay=False)]


def command(
    recipe: RecipePath, settings: Overrides = None, init: Init = None, runs_dir: RunsDir = Path("runs")
) -> None:
    """Train a model from a recipe; the same command goes on with an interrupted training."""
    from dermdistill.cli.training import run_training

    run_training(recipe, settings, init, runs_dir, distill=False)
