"""Two prepared sources of eight classes: dermoscopic pictures, and lesions with a picture of each kind."""

import json
from pathlib import Path

import numpy as np

from dermdistill.classes import ClassTable, load_classes
from dermdistill.data.joined import load_sources
from dermdistill.data.splits import make_splits, write_splits
from tiny_run import SIDE, make_prepared

RECIPE = """
name = "several"
checkpoint_steps = 100
[model]
name = "tiny_cnn"
init = "none"
batch_norm_momentum = 0.8
[data]
splits = "{folder}/splits.csv"
[[data.sources]]
dir = "{folder}/derm"
[[data.sources]]
dir = "{folder}/pairs"
picture = "dermoscopic"
[[data.sources]]
dir = "{folder}/pairs"
picture = "clinical"
share = 0.25
[batches]
size = 16
source_power = 0.5
[loss]
mask_absent_classes = true
[optimizer]
ema = 0.9
[[phases]]
image_size = 32
epochs = 1
learning_rate = 1e-2
"""


def make_sources(folder: Path, *, images_per_class: int = 16, side: int = SIDE) -> Path:
    """Write `derm`, `pairs`, `splits.csv` and `recipe.toml` to a folder; returns the path of the recipe."""
    make_two(folder, "derm", "pairs", load_classes("isic2019"), images_per_class=images_per_class, side=side)
    path = folder / "recipe.toml"
    path.write_text(RECIPE.format(folder=folder))
    return path


def make_two(
    folder: Path, first: str, second: str, table: ClassTable, *, images_per_class: int, side: int = SIDE
) -> None:
    """Write two prepared sources and their `splits.csv` to a folder.

    Two pictures of each lesion, as `tiny_run.make_prepared` draws them. In the second source one is
    dermoscopic, and the other, clinical, is darker; it has no vascular lesions.
    """
    for name in (first, second):
        images, index = make_prepared(
            folder / name, images_per_class=images_per_class, table=table, side=side
        )
        for column in ("image_id", "lesion_id", "group_id"):
            index[column] = [f"{name}_{value}" for value in index[column]]
        index["source"] = name
        if name == second:
            index["picture"] = ["dermoscopic", "clinical"] * (len(index) // 2)
            images[1::2] //= 2
            kept = index["diagnosis"] != "vasc"
            index, images = index[kept], images[kept.to_numpy()]
            np.save(folder / name / "images.npy", images)
        index.to_csv(folder / name / "index.csv", index=False)
        report = json.loads((folder / name / "prepare.json").read_text())
        (folder / name / "prepare.json").write_text(json.dumps(report | {"source": name}))
    joined = load_sources([folder / first, folder / second])
    write_splits(make_splits(joined.index, val=0.25, test=0.25, folds=2), folder / "splits.csv", {})
