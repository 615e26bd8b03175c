"""`dermdistill teach`: cache what trained teachers answer on the views that a student will see."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdistill.cli.options import ImageSize, Plugin, Views
from dermdistill.errors import RecipeError
from dermdistill.plugins import load_plugins

if TYPE_CHECKING:
    from rich.console import Console

    from dermdistill.distill.cached.logits import TeacherLogits
    from dermdistill.distill.cached.write import Part
    from dermdistill.distill.recipe import Recipe
    from dermdistill.distill.training_set import TrainingSet


def command(
    runs: Annotated[
        list[Path], typer.Argument(help="Folders of trained runs.", exists=True, file_okay=False)
    ],
    *,
    recipe: Annotated[
        Path,
        typer.Option(help="Recipe of the student: its images, views and seed.", exists=True, dir_okay=False),
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="The .npz to write, for distill.teacher_logits of the student's recipe. Of several runs it "
            "holds the mean of the probabilities, and beside it lies a file of each.",
            dir_okay=False,
        ),
    ],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Override a setting of the student's recipe: key=value.")
    ] = None,
    views: Views = None,
    image_size: ImageSize = None,
    weights: Annotated[
        list[float] | None,
        typer.Option("--weight", min=0, help="Weight of a run in the mean, once for each run in its order."),
    ] = None,
    cross_fit: Annotated[
        bool,
        typer.Option(
            "--cross-fit",
            help="The runs each left a fold out: every image gets the answer of that run alone.",
        ),
    ] = False,
    plugins: Plugin = None,
) -> None:
    """Cache teachers' logits for every view of every training image; started again, it goes on.

    The views are those of the student's recipe and its seed: other views need a file of their own.
    """
    from dermdistill.distill.recipe import load_recipe

    load_plugins(plugins)
    student = load_recipe(recipe, tuple(settings or ()))
    views = choose_views(student, views)
    if weights and (cross_fit or len(weights) != len(runs)):
        raise RecipeError(f"Give --weight once for each of the {len(runs)} runs, and not with --cross-fit.")
    teach(runs, student, out, views=views, image_size=image_size, cross_fit=cross_fit, weights=weights)


def choose_views(student: "Recipe", views: int | None) -> int:
    """The number of views asked for, or the student's own.

    Raises:
        RecipeError: none is named, or fewer than the student will look at.
    """
    bank = student.batches.view_bank
    views = views or bank
    if not views or views < bank:
        raise RecipeError(
            f"The student {student.name} looks at {bank} views of each image, but {views} are asked for; "
            "set its batches.view_bank, or give --views that number or more."
        )
    return views


def teach(
    run_dirs: list[Path],
    student: "Recipe",
    out: Path,
    *,
    views: int,
    image_size: int | None,
    cross_fit: bool,
    weights: list[float] | None = None,
) -> None:
    """Write `out` and say what it holds."""
    from rich.console import Console

    from dermdistill.cli.terminal import warn
    from dermdistill.distill.cached.cross_fit import out_of_fold
    from dermdistill.distill.cached.logits import save_teacher_logits
    from dermdistill.distill.cached.write import average_teacher_logits, read_teacher_run
    from dermdistill.distill.collapse import check_teacher_run
    from dermdistill.distill.teaching import log_priors
    from dermdistill.distill.training_set import load_training_set

    console = Console()
    data = load_training_set(student)
    teachers = [read_teacher_run(run_dir, data, image_size) for run_dir in run_dirs]
    for teacher in teachers:
        if text := check_teacher_run(teacher, data):
            warn(text, console)

    def cache(path: Path, parts: "list[Part]") -> "TeacherLogits":
        return _cache(path, parts, data, views=views, console=console)

    if cross_fit:
        cache(out, out_of_fold(teachers, student, data))
        return
    everything = data.batches.rows_looked_at
    if len(teachers) == 1:
        cache(out, [(teachers[0], everything)])
        return
    answers = []
    for teacher in teachers:
        path = out.with_name(f"{out.stem}.{teacher.run_dir.name}.npz")
        answers.append(cache(path, [(teacher, everything)]))
    uniform = student.distill is not None and student.distill.prior == "uniform"
    save_teacher_logits(
        out, average_teacher_logits(answers, weights, log_priors(data.class_shares) if uniform else None)
    )
    _say(out, views, len(everything), console)


def _cache(
    path: Path,
    teachers: "list[Part]",
    data: "TrainingSet",
    *,
    views: int,
    console: "Console",
) -> "TeacherLogits":
    from dermdistill.cli.terminal import bars
    from dermdistill.distill.cached.write import cache_teacher_logits

    with bars("images/s") as show:

        def tell(done: int, total: int) -> None:
            show(path.stem, done, total)

        cached = cache_teacher_logits(path, teachers, data.batches, views, tell=tell)
    _say(path, views, len(cached.image_ids), console)
    return cached


def _say(path: Path, views: int, images: int, console: "Console") -> None:
    console.print(
        f"{path}: {views} views of {images} images, {path.stat().st_size / 1e6:.2f} MB", soft_wrap=True
    )
