"""`dermdistill sweep`: every combination of some settings, with several seeds, compared at the end."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdistill.cli.options import Init, Plugin, RecipePath, RunsDir, Track
from dermdistill.errors import DermDistillError
from dermdistill.plugins import load_plugins

if TYPE_CHECKING:
    from dermdistill.sweep.study import Report


def command(
    recipe: RecipePath,
    settings: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="A setting of the recipe and its values: KEY=A,B,C, as in optimizer.ema=0.99,0.998. May be "
            "repeated: every combination is trained.",
        ),
    ],
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each combination.")] = 1,
    init: Init = None,
    runs_dir: RunsDir = Path("runs"),
    *,
    name: Annotated[
        str | None,
        typer.Option(
            help="Folder in the runs for the study and the comparison.", show_default="RECIPE-sweep"
        ),
    ] = None,
    prune: Annotated[
        bool, typer.Option(help="End a training that is below the median of the others at the same epoch.")
    ] = True,
    track: Track = None,
    plugins: Plugin = None,
) -> None:
    """Train every combination of values with several seeds, and compare them on the validation split.

    Stop at any moment; the same command goes on. Combinations with a pruned training are not compared.
    """
    import keras

    from dermdistill.cli.compare import command as compare
    from dermdistill.cli.train import run_training
    from dermdistill.distill.recipe import load_recipe
    from dermdistill.evaluate.scoring import predictions_of
    from dermdistill.files import only_writer
    from dermdistill.runs import read_history, read_run
    from dermdistill.sweep.grid import name_of, read_grid, trials_of

    try:
        from dermdistill.sweep.study import finished_trials, run_study
    except ModuleNotFoundError as error:
        raise DermDistillError(
            f"This command needs {error.name}, which is not installed; pip install 'dermdistill[sweep]'."
        ) from error
    load_plugins(plugins)
    grid = read_grid(settings)
    starts = (f'model.init="{init}"',) if init else ()
    recipes = {}
    for values in trials_of(grid, seeds):  # all are checked before the first is trained
        run_name = name_of(recipe.stem, grid, values)
        chosen = tuple(f"{key}={value}" for key, value in values.items())
        recipes[run_name] = load_recipe(recipe, (*chosen, *starts, f'name="{run_name}"'))
    first = next(iter(recipes.values()))
    if first.data.with_val:
        raise DermDistillError("A sweep chooses by the val split; set data.with_val = false.")
    metric = f"val_{first.stop.metric}"
    folder = runs_dir / (name or f"{recipe.stem}-sweep")

    def train(values: dict[str, str | int], report: "Report") -> float:
        keras.utils.clear_session()
        run_dir = run_training(
            recipes[name_of(recipe.stem, grid, values)], runs_dir, track=track or (), also=report
        )
        return float(max(line[metric] for line in read_history(run_dir)))

    with only_writer(folder):
        epochs = sum(phase.epochs for phase in first.phases)
        run_study(folder, grid, seeds, metric=metric, epochs=epochs, prune=prune, train=train)
        complete, pruned = finished_trials(folder)
        left_out = {name_of(recipe.stem, grid, {**values, "seed": 0}) for values in pruned}
        asked = [values for values in complete if int(values["seed"]) < seeds]
        names = [name_of(recipe.stem, grid, values) for values in asked]
        kept = [
            each
            for each, values in zip(names, asked, strict=True)
            if name_of(recipe.stem, grid, {**values, "seed": 0}) not in left_out
        ]
        for run_name in kept:
            predictions_of(read_run(runs_dir / run_name), tta=False, image_size=None)
    for experiment in sorted(left_out):
        typer.echo(f"Pruned, and not compared: {experiment.removesuffix('-seed0')}")
    compare([runs_dir / run_name for run_name in sorted(kept)], out=folder, split="val")
