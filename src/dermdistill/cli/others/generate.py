"""`dermdistill generate`: a generator of pictures of rare classes, its samples, and what they are worth."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dermdistill.cli.options import Plugin, RunsDir
from dermdistill.plugins import load_plugins

app = typer.Typer(
    help="Train a generator of pictures by class, sample it, and measure the samples.", no_args_is_help=True
)


@app.command()
def train(
    recipe: Annotated[
        Path,
        typer.Argument(
            help="Recipe of a generator, a TOML file, docs/rare-classes.md.", exists=True, dir_okay=False
        ),
    ],
    *,
    data: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder made by `dermdistill data prepare`, instead of the recipe's; once for each source.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    splits: Annotated[
        Path | None,
        typer.Option(help="Split of that data, instead of the recipe's.", exists=True, dir_okay=False),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Epochs, instead of the recipe's.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run, instead of the recipe's.")] = None,
    runs_dir: RunsDir = Path("runs"),
) -> None:
    """Train a generator on the train split; the same command goes on with an interrupted training.

    After each epoch there is a sheet of samples in the run, samples_EPOCH.png. More epochs may be asked for
    later.
    """
    from rich.console import Console

    from dermdistill.cli.terminal import bars
    from dermdistill.errors import RecipeError
    from dermdistill.generate.recipe import load_generator_recipe
    from dermdistill.generate.train import train_generator

    if (data is None) != (splits is None):
        raise RecipeError("Give --data and --splits, both or none: a split belongs to its data.")
    said: dict[str, Any] = {"epochs": epochs, "name": name}
    if data and splits:
        one: dict[str, Any] = (
            {"dir": str(data[0])} if len(data) == 1 else {"sources": [{"dir": str(path)} for path in data]}
        )
        said["data"] = one | {"splits": str(splits)}
    asked = load_generator_recipe(recipe, said)
    run_dir, console = runs_dir / asked.name, Console()
    console.print(f"{run_dir}: a generator. Stop at any moment; the same command goes on.", soft_wrap=True)
    with bars("images/s") as show:

        def report(kind: str, facts: dict[str, Any]) -> None:
            if kind == "step":
                size = asked.batch_size
                show(f"Epoch {facts['epoch']} of {asked.epochs}", facts["step"] * size, facts["steps"] * size)
                return
            console.print(
                f"Epoch {facts['epoch']}: discriminator loss {facts['discriminator_loss']:.3f}, "
                f"generator loss {facts['generator_loss']:.3f}, {facts['images_per_second']} images/s, sheet "
                f"samples_{facts['epoch']:04d}.png",
                highlight=False,
                soft_wrap=True,
            )

        train_generator(asked, run_dir, report)
    console.print(f"Next: dermdistill generate sample {run_dir}", highlight=False, soft_wrap=True)


@app.command()
def sample(
    run: Annotated[Path, typer.Argument(help="Folder of a trained generator.", exists=True, file_okay=False)],
    *,
    out: Annotated[Path, typer.Option(help="Folder for the pictures and their table.", file_okay=False)],
    count: Annotated[int, typer.Option(min=1, help="Pictures of each class.")] = 100,
    classes: Annotated[
        list[str] | None,
        typer.Option("--class", help="Code of a class; may be repeated.", show_default="all of the run's"),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Other seeds give other pictures.")] = 0,
) -> None:
    """Make pictures, their table and a sheet, marked as generated, for `dermdistill data prepare`.

    The mark stays with them: they are split into train alone, and a bundle that learned from them says so.
    """
    from rich.console import Console

    from dermdistill.cli.terminal import bars
    from dermdistill.generate.sample import sample as run_sampling
    from dermdistill.runs import classes_of, read_config

    codes = classes or list(classes_of(run, read_config(run)).codes)
    with bars("images/s") as show:
        table = run_sampling(
            run,
            out,
            dict.fromkeys(codes, count),
            seed=seed,
            on_progress=lambda done, total: show("Sampling", done, total),
        )
    Console().print(
        f"{out}: {len(table)} generated pictures of {', '.join(codes)}. Next: dermdistill data "
        f"prepare {out} --out FOLDER",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def measure(
    run: Annotated[
        Path,
        typer.Argument(help="Folder of the trained run that looks at them.", exists=True, file_okay=False),
    ],
    generated: Annotated[
        Path,
        typer.Argument(
            help="Generated pictures, a folder made by `dermdistill data prepare`.",
            exists=True,
            file_okay=False,
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for tables and pictures.", file_okay=False)],
    imagenet: Annotated[
        str | None,
        typer.Option(help="Starting weights of the run's network, such as ImageNet's, for a second opinion."),
    ] = None,
    per_class: Annotated[int, typer.Option(min=6, help="At most that many pictures of a class.")] = 200,
    plugins: Plugin = None,
) -> None:
    """Measure generated pictures: kernel distance to real ones, memorisation, and what a classifier says.

    Writes measure.csv, .json and .png, nearest.csv, and nearest.png: the generated pictures that are nearest
    to a training picture, each beside it. The last shows real pictures, so their licence holds for it.
    """
    from rich.console import Console
    from rich.table import Table

    from dermdistill.cli.terminal import bars
    from dermdistill.generate.assess import assess
    from dermdistill.runs import read_run

    load_plugins(plugins)
    with bars("images/s") as show:
        found = assess(
            read_run(run), generated, out, imagenet=imagenet, per_class=per_class, on_progress=show
        )
    shown = Table(*map(str, found.columns))
    for row in found.itertuples(index=False):
        shown.add_row(*(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row))
    console = Console()
    console.print(shown)
    console.print(f"Measured: {out}", highlight=False)
