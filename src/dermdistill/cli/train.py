"""`dermdistill train`: a teacher, or a student without one, from a recipe; or one teacher for each fold."""

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
Views = Annotated[
    int | None,
    typer.Option(min=1, help="Views an image; by default the batches.view_bank of the student's recipe."),
]
ImageSize = Annotated[int, typer.Option(min=16, help="Pixels of the views that the teachers see.")]


def command(
    recipe: RecipePath,
    settings: Overrides = None,
    init: Init = None,
    runs_dir: RunsDir = Path("runs"),
    *,
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
    image_size: ImageSize = 224,
    out: Annotated[
        Path | None,
        typer.Option(
            help="With --cross-fit: the .npz to write; by default NAME-cross-fit.npz in the runs.",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Train a model from a recipe; the same command goes on with an interrupted training."""
    from dermdistill.cli.training import read_recipe, run_training, without_teachers
    from dermdistill.errors import RecipeError

    if alone and cross_fit:
        raise RecipeError("Give --without-teachers or --cross-fit: a control has no teachers to cross-fit.")
    if not cross_fit and (student or views or out):
        raise RecipeError("--student, --views and --out are for the logits of --cross-fit; give that, too.")
    if alone:
        run_training(without_teachers(read_recipe(recipe, settings, init, distill=True)), runs_dir)
        return
    teacher = read_recipe(recipe, settings, init, distill=False)
    if not cross_fit:
        run_training(teacher, runs_dir)
        return
    import keras

    from dermdistill.cli.teach import choose_views, teach
    from dermdistill.distill.cross_fit import fold_recipes
    from dermdistill.distill.recipe import load_recipe

    learner = load_recipe(student) if student else teacher
    out = out or runs_dir / f"{teacher.name}-cross-fit.npz"
    views = choose_views(learner, views)  # before the hours of training, not after, as is the place to write
    out.parent.mkdir(parents=True, exist_ok=True)
    run_dirs = []
    for fold in fold_recipes(teacher, learner):
        # Layers without a name are numbered on and on; weights found by layer name need the same numbers.
        keras.utils.clear_session()
        run_dirs.append(run_training(fold, runs_dir))
    teach(run_dirs, learner, out, views=views, image_size=image_size, cross_fit=True)
