"""`dermdistill rebalance`: the head of a trained run taught again, so that rare classes count."""

from pathlib import Path
from typing import Annotated

import typer

from dermdistill.cli.options import Plugin
from dermdistill.plugins import load_plugins


def command(
    run: Annotated[Path, typer.Argument(help="Folder of a trained run.", exists=True, file_okay=False)],
    *,
    method: Annotated[
        str,
        typer.Option(
            help="none, oversample, class_balanced, logit_adjustment, smote, borderline_smote or adasyn; see "
            "docs/rare-classes.md."
        ),
    ],
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Embeddings that each class gets at least, for oversample, smote, borderline_smote, adasyn.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of what is drawn or made.")] = 0,
    views: Annotated[
        int,
        typer.Option(
            min=0, help="With oversample: augmented views of each rare image to repeat; 0 repeats the image."
        ),
    ] = 0,
    tau: Annotated[float, typer.Option(min=0, help="With logit_adjustment: how strongly it adjusts.")] = 1.0,
    generated: Annotated[
        Path | None,
        typer.Option(
            help="Generated pictures, a folder made by `dermdistill data prepare`, for rare classes.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    generated_share: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Share of what a class lacks that generated pictures fill; the method makes the rest.",
            show_default="1 with none, else 0.5",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the new run.", show_default="RUN-METHOD_SEED beside the run", file_okay=False
        ),
    ] = None,
    plugins: Plugin = None,
) -> None:
    """Teach the head of a trained run again on embeddings of its frozen network, balanced by a method.

    Writes an ordinary run, with predictions, for `evaluate`, `compare` and `export`. The embeddings are
    computed once and kept in the folder of the run; an interrupted command goes on with them.
    """
    from rich.console import Console

    from dermdistill.cli.terminal import bars
    from dermdistill.errors import ModelError
    from dermdistill.rebalance.rebalance import Settings, check_settings, rebalance
    from dermdistill.runs import read_history, read_run

    load_plugins(plugins)
    settings = Settings(method, count, seed, tau, views, generated, generated_share)
    check_settings(settings)
    trained = read_run(run)
    if not trained.weights_path.is_file():
        raise ModelError(
            f"{run} is not a trained run: {trained.weights_path.name} is missing; train it first."
        )
    place = run.resolve()
    out = out or place.with_name(f"{place.name}-{method}{'-generated' if generated else ''}_{seed}")
    console = Console()
    with bars("images/s") as show:
        new, already = rebalance(trained, out, settings, show)
    line = read_history(new.run_dir)[-1]
    said = ""
    if "val_macro_auc" in line:
        said = (
            f" Validation balanced accuracy {line['val_balanced_accuracy']:.3f} prior-corrected, macro-AUC "
            f"{line['val_macro_auc']:.3f}."
        )
    state = "was there already" if already else "is written"
    console.print(
        f"{out} {state}: {method}, seed {seed}.{said} Next: dermdistill evaluate {out}",
        highlight=False,
        soft_wrap=True,
    )
