"""What `train` and `distill` share: read the recipe, train, and show progress with rate and time left."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from dermdistill.errors import RecipeError

if TYPE_CHECKING:
    from dermdistill.distill.recipe import Recipe


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


def run_training(recipe: "Recipe", runs_dir: Path, *, pretrain: bool = False) -> Path:
    """Train, or pretrain, by the recipe into `runs_dir/<name>`, a line an epoch; returns that folder."""
    from dermdistill.distill import loop, simsiam

    run_dir = runs_dir / recipe.name
    console = Console()
    console.print(f"{run_dir}: {recipe.model.name}, stop at any moment; the same command goes on.")
    with Progress(*progress_columns(), console=console, transient=True) as progress:
        bar = progress.add_task("first step", total=None, rate="")

        def report(kind: str, facts: dict[str, Any]) -> None:
            if kind == "step":
                rate = f"{facts['images_per_second']:.1f} images/s"
                progress.update(
                    bar,
                    description=f"epoch {facts['epoch']}",
                    completed=facts["step"],
                    total=facts["steps"],
                    rate=rate,
                )
            else:
                progress.console.print(_epoch_line(facts))

        learn = simsiam.pretrain if pretrain else loop.train
        history = learn(recipe, run_dir, report)
    if pretrain:
        console.print(f"Pretrained. Next: dermdistill train RECIPE --init {run_dir}", soft_wrap=True)
        return run_dir
    best = max((line for line in history if line["best"]), key=lambda line: line["epoch"])
    said = "The last epoch counts: the val part was learned from"
    if "val_macro_auc" in best:
        said = (
            f"Best epoch {best['epoch']}: validation balanced accuracy {best['val_balanced_accuracy']:.3f}, "
            f"macro AUC {best['val_macro_auc']:.3f}"
        )
    console.print(f"{said}. Next: dermdistill evaluate {run_dir}", soft_wrap=True)
    return run_dir


def progress_columns() -> tuple[ProgressColumn, ...]:
    """Description, bar, how many of how many, the field `rate`, and the time left."""
    return (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )


_SHOWN = {
    "loss": "loss {:.4f}",
    "deviation": "deviation {:.3f}",
    "val_loss": "val loss {:.4f}",
    "val_accuracy": "accuracy {:.3f}",
    "val_balanced_accuracy": "balanced accuracy {:.3f}",
    "val_macro_auc": "macro AUC {:.4f}",
    "val_worse_macro_auc": "on worse pictures {:.4f}",
    "images_per_second": "{} images/s",
}


def _epoch_line(line: dict[str, Any]) -> str:
    figures = ", ".join(text.format(line[name]) for name, text in _SHOWN.items() if name in line)
    best = ", best so far" if line["best"] and "val_loss" in line else ""
    return f"epoch {line['epoch']} ({line['image_size']} px): {figures}{best}"
