"""`dermdistill pretrain`: a self-supervised start on the training images, from a recipe."""

from pathlib import Path

from dermdistill.cli.train import Init, Overrides, RecipePath, RunsDir


def command(
    recipe: RecipePath, settings: Overrides = None, init: Init = None, runs_dir: RunsDir = Path("runs")
) -> None:
    """Learn from the training images without their labels (SimSiam), as a start for training.

    Writes NAME-pretrained among the runs, for `--init`; the same command goes on with an interrupted one.
    """
    from dermdistill.cli.training import read_recipe, run_training

    made = read_recipe(recipe, settings, init, distill=False)
    made = made.model_copy(update={"name": f"{made.name}-pretrained"})
    run_training(made, runs_dir, pretrain=True)
