"""`dermdistill distill`: a student that learns from teachers, from a recipe with a `[distill]` table."""

from pathlib import Path

from dermdistill.cli.train import Init, Overrides, RecipePath, RunsDir


def command(
    recipe: RecipePath, settings: Overrides = None, init: Init = None, runs_dir: RunsDir = Path("runs")
) -> None:
    """Distil a student from its teachers; the same command goes on with an interrupted training."""
    from dermdistill.cli.training import read_recipe, run_training

    run_training(read_recipe(recipe, settings, init, distill=True), runs_dir)
