r"""What `loss.mask_absent_classes` does for a class that one of two sources lacks.

    dermdistill reopen --data runs/ham10000_of_seven --splits results/splits.csv --out runs/student
    KERAS_BACKEND=jax python benchmarks/class_masking.py runs/data --start runs/student

The folder has prepared `ham10000` and `milk10k`, and their splits.csv. Basal cell carcinomas of MILK10k are
left out of training, so that one source has the class and the other does not. The networks are measured on
the dermoscopic val images of MILK10k, basal cell carcinomas included: does a network learn that a class is
not there because its source never showed it? Without the mask and with it, by the same seeds. The start is a
student that has seen HAM10000 alone. The same command goes on after any end.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from dermdistill.metrics.predictions import read_predictions
from dermdistill.metrics.scores import auc

LEFT_OUT = "bcc"
VALUES = ("false", "true")
RECIPE = """
name = "masking"
checkpoint_steps = 200
[model]
name = "mobilenet_v2"
init = "{start}"
[data]
splits = "{splits}"
[[data.sources]]
dir = "{data}/ham10000"
use = "train"
[[data.sources]]
dir = "{data}/milk10k"
picture = "dermoscopic"
[batches]
size = 32
sampling_power = 0.5
source_power = 0.5
[optimizer]
ema = 0.98
[[phases]]
image_size = 96
epochs = {epochs}
learning_rate = 5e-4
final_share = 0.1
warmup_epochs = 0.2
freeze_until = "block_2_add"
[stop]
metric = "macro_auc"
patience = 100
"""


def write_splits(data: Path, path: Path, images: int) -> None:
    """Write the split less what is left out: `images` of HAM10000, all of MILK10k without the class."""
    splits = pd.read_csv(data / "splits.csv", dtype=str)
    milk, train = splits["source"] == "milk10k", splits["split"] == "train"
    kept = milk & ~(train & (splits["diagnosis"] == LEFT_OUT)) & (splits["split"] != "test")
    home = splits[(splits["source"] == "ham10000") & train]
    rare = home[home["diagnosis"] != "nv"]
    nevi = home[home["diagnosis"] == "nv"].sample(max(0, images - len(rare)), random_state=0)
    pd.concat([splits[kept], rare, nevi]).sort_values("image_id").to_csv(path, index=False)


def figures(path: Path) -> dict[str, float]:
    """Of one run's predictions on val: how the class that its source never showed is told from all others."""
    rows = read_predictions(path, split="val")
    probs = rows[[name for name in rows.columns if name.startswith("p_")]]
    is_class = (rows["diagnosis"] == LEFT_OUT).to_numpy()
    share = probs[f"p_{LEFT_OUT}"].to_numpy()
    said = probs.idxmax(axis=1).str.removeprefix("p_").to_numpy()
    others = rows["diagnosis"].to_numpy()[~is_class]
    recalls = [np.mean(said[~is_class][others == code] == code) for code in sorted(set(others))]
    return {
        "AUC": float(auc(is_class, share)),
        "sensitivity": float(np.mean(said[is_class] == LEFT_OUT)),
        "specificity": float(np.mean(said[~is_class] != LEFT_OUT)),
        "mean probability": float(share[is_class].mean()),
        "balanced accuracy of the others": float(np.mean(recalls)),
    }


def main() -> None:
    """Train what is missing, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs-dir", type=Path, default=Path("runs/masking"))
    parser.add_argument("--start", type=Path, required=True, help="Run of a student.")
    parser.add_argument("--images", type=int, default=1800, help="Of HAM10000.")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    folder = arguments.runs_dir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    write_splits(arguments.data, folder / "splits.csv", arguments.images)
    start, data = arguments.start.resolve(), arguments.data.resolve()
    text = RECIPE.format(start=start, splits=folder / "splits.csv", data=data, epochs=arguments.epochs)
    (folder / "masking.toml").write_text(text)
    words = ["sweep", folder / "masking.toml", "--set", f"loss.mask_absent_classes={','.join(VALUES)}"]
    words += ["--seeds", arguments.seeds, "--no-prune", "--runs-dir", folder]
    command = [sys.executable, "-c", "from dermdistill.cli import main; main()", *map(str, words)]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    rows = {
        (value, seed): figures(
            folder / f"masking-loss.mask_absent_classes_{value}-seed{seed}" / "predictions.csv"
        )
        for value in VALUES
        for seed in range(arguments.seeds)
    }
    table = pd.DataFrame(rows).T.rename_axis(["masked", "seed"])
    print(table.round(3).to_string())
    print(table.groupby("masked").agg(["mean", "min", "max"]).round(3).T.to_string())


if __name__ == "__main__":
    main()
