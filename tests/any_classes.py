"""A bundle of any class table, made as a person makes one: data, split, training, export."""

from collections.abc import Sequence
from pathlib import Path

from dermdistill.classes import ClassTable
from dermdistill.data.splits import make_splits, write_splits
from tiny_run import make_prepared

SIZE = 112


def train_and_export(folder: Path, table: ClassTable, codes: Sequence[str], images: int = 24) -> Path:
    """Make `folder`/data with `images` pictures of each of `codes`, train on them, and export to `folder`.

    Returns:
        The bundle's folder; the run it is of is `folder`/runs/tiny.
    """
    from dermdistill import lab

    _, index = make_prepared(
        folder / "data", images_per_class=images, table=table, codes=codes, side=SIZE, enlarged=2
    )
    write_splits(make_splits(index, val=0.25, test=0.25), folder / "splits.csv", {})
    recipe = {
        "name": "tiny",
        "model": {"name": "tiny_cnn", "init": "none", "batch_norm_momentum": 0.8},
        "data": {"dir": str(folder / "data"), "splits": str(folder / "splits.csv")},
        "batches": {"size": 16},
        "optimizer": {"ema": 0.9},
        "phases": [{"image_size": SIZE, "epochs": 6, "learning_rate": 1e-2, "warmup_epochs": 0.5}],
    }
    run_dir = lab.train(recipe, runs_dir=folder / "runs")
    lab.export(
        run_dir,
        folder / f"of_{len(codes)}",
        name=f"of_{len(codes)}",
        quantization="float32",
        resamples=20,
    )
    return folder / f"of_{len(codes)}"
