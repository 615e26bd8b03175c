"""`dermdistill train` and `dermdistill distill`: a model by a recipe, or one teacher for each fold."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dermdistill.cli.options import (
    ImageSize,
    Init,
    KeepCheckpoint,
    Overrides,
    Plugin,
    RecipePath,
    RunsDir,
    Track,
    Views,
)
from dermdistill.errors import RecipeError
from dermdistill.plugins import load_plugins

if TYPE_CHECKING:
    from dermdistill.distill.loop import Report
    from dermdistill.distill.recipe import Recipe


def command(
    recipe: RecipePath,
    settings: Overrides = None,
    init: Init = None,
    runs_dir: RunsDir = Path("runs"),
    *,
    plugins: Plugin = None,
    keep_checkpoint: KeepCheckpoint = False,
    track: Track = None,
    alone: Annotated[
        bool,
        typer.Option(
            "--without-teachers",
            help="Train the student of a distillation recipe on the labels only, as its control "
            "(NAME-without-teachers).",
        ),
    ] = False,
    cross_fit: Annotated[
        bool,
        typer.Option(
            "--cross-fit",
            help="Train a teacher for each fold (NAME-fold0 ...), then cache each training image's logits by "
            "the teacher that has not seen its lesion.",
        ),
    ] = False,
    student: Annotated[
        Path | None,
        typer.Option(
            help="With --cross-fit: the recipe of the student that learns from the logits, for its views; by "
            "default this recipe.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    views: Views = None,
    image_size: ImageSize = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="With --cross-fit: the .npz to write; by default NAME-cross-fit.npz in the runs.",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Train a model by a recipe; the same command goes on with an interrupted training.

    A finished training goes on when its last phase is given more epochs, in the recipe or with --set; nothing
    else may change. The added epochs start from its best weights (docs/decisions/0015-more-epochs.md).
    """
    load_plugins(plugins)
    if alone and cross_fit:
        raise RecipeError("Give --without-teachers or --cross-fit: a control has no teachers to cross-fit.")
    if not cross_fit and (student or views or out):
        raise RecipeError("--student, --views and --out are for the logits of --cross-fit; give that, too.")
    if alone:
        control = without_teachers(read_recipe(recipe, settings, init, distill=True))
        run_training(control, runs_dir, keep_checkpoint=keep_checkpoint, track=track or ())
        return
    teacher = read_recipe(recipe, settings, init, distill=False)
    if not cross_fit:
        run_training(teacher, runs_dir, keep_checkpoint=keep_checkpoint, track=track or ())
        return
    import keras

    from dermdistill.cli.teach import choose_views, teach
    from dermdistill.distill.cached.cross_fit import fold_recipes
    from dermdistill.distill.recipe import load_recipe

    learner = load_recipe(student) if student else teacher
    out = out or runs_dir / f"{teacher.name}-cross-fit.npz"
    views = choose_views(learner, views)  # before the hours of training, not after, as is the place to write
    out.parent.mkdir(parents=True, exist_ok=True)
    run_dirs = []
    for fold in fold_recipes(teacher, learner):
        # Layers without a name are numbered on and on; weights found by layer name need the same numbers.
        keras.utils.clear_session()
        run_dirs.append(run_training(fold, runs_dir, keep_checkpoint=keep_checkpoint, track=track or ()))
    teach(run_dirs, learner, out, views=views, image_size=image_size, cross_fit=True)


def distill(
    recipe: RecipePath,
    settings: Overrides = None,
    init: Init = None,
    runs_dir: RunsDir = Path("runs"),
    *,
    plugins: Plugin = None,
    keep_checkpoint: KeepCheckpoint = False,
    track: Track = None,
) -> None:
    """Distil a student from its teachers; the same command goes on with an interrupted training."""
    load_plugins(plugins)
    student = read_recipe(recipe, settings, init, distill=True)
    run_training(student, runs_dir, keep_checkpoint=keep_checkpoint, track=track or ())


def read_recipe(path: Path, settings: list[str] | None, init: str | None, *, distill: bool) -> "Recipe":
    """The recipe with its overrides, if it is one for this command."""
    from dermdistill.distill.recipe import load_recipe

    overrides = [*(settings or ()), *([f"model.init={json.dumps(init)}"] if init else ())]
    recipe = load_recipe(path, tuple(overrides))
    if distill != (recipe.distill is not None):
        other = "has no [distill] table; train it with `dermdistill train`, or name its teachers"
        this = "has a [distill] table; train it with `dermdistill distill`"
        raise RecipeError(f"The recipe {path} {other if distill else this}.")
    return recipe


def without_teachers(recipe: "Recipe") -> "Recipe":
    """The control experiment of a distillation: the same in everything but that only the labels teach."""
    return recipe.model_copy(update={"distill": None, "name": f"{recipe.name}-without-teachers"})


def run_training(
    recipe: "Recipe",
    runs_dir: Path,
    *,
    keep_checkpoint: bool = False,
    track: Sequence[str] = (),
    also: "Report | None" = None,
) -> Path:
    """Train by the recipe into `runs_dir/<name>`, a line an epoch; returns that folder.

    Trackers, and `also`, are told what the training reports.
    """
    from rich.console import Console

    from dermdistill.cli.terminal import bars, warn
    from dermdistill.distill.loop import train
    from dermdistill.distill.tracking.track import tracked

    run_dir = runs_dir / recipe.name
    console = Console()
    console.print(
        f"{run_dir}: {recipe.model.name}. Stop at any moment; the same command goes on.", soft_wrap=True
    )
    with tracked(track, recipe, run_dir) as tell, bars("images/s") as show:

        def report(kind: str, facts: dict[str, Any]) -> None:
            if kind == "step":
                show(f"Epoch {facts['epoch']}", facts["image"], facts["images"])
            elif kind == "compile":
                console.print(f"Compiling the training step for {facts['image_size']} pixels ...")
            elif kind == "warning":
                warn(facts["text"], console)
            else:
                console.print(_epoch_line(facts), soft_wrap=True)
            tell(kind, facts)
            if also is not None:
                also(kind, facts)

        history = train(recipe, run_dir, report, keep_checkpoint=keep_checkpoint)
    best = max((line for line in history if line["best"]), key=lambda line: line["epoch"])
    said = "The last epoch counts: the val split was learned from"
    if "val_macro_auc" in best:
        said = (
            f"Best epoch {best['epoch']}: validation balanced accuracy {best['val_balanced_accuracy']:.3f} "
            f"prior-corrected, macro-AUC {best['val_macro_auc']:.3f}, at {best['image_size']} pixels"
        )
    console.print(f"{said}. Next: dermdistill evaluate {run_dir}", soft_wrap=True)
    return run_dir


_SHOWN = {
    "loss": "loss {:.4f}",
    "val_loss": "val loss {:.4f}",
    "val_accuracy": "accuracy by argmax class {:.3f}",
    "val_balanced_accuracy": "balanced accuracy prior-corrected {:.3f}",
    "val_macro_auc": "macro-AUC {:.4f}",
    "val_degraded_macro_auc": "on degraded images {:.4f}",
    "images_per_second": "{} images/s",
}


def _epoch_line(line: dict[str, Any]) -> str:
    figures = ", ".join(text.format(line[name]) for name, text in _SHOWN.items() if name in line)
    best = ", best so far" if line["best"] and "val_loss" in line else ""
    return f"Epoch {line['epoch']} ({line['image_size']} px): {figures}{best}"
