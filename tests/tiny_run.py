"""A run folder of a tiny network on synthetic pictures, made in seconds, for tests that need a whole run.

The backbone keeps its random start; the head is a logistic regression on its embeddings. So the network is
poor but answers different pictures differently.
"""

import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from dermdistill.classes import ClassTable
from dermdistill.data.prepared import COLUMNS, VERSION
from dermdistill.data.splits import make_splits, write_splits
from ham10000 import TABLE
from synthetic import lesion_image

IMAGES_PER_CLASS = 24
SIDE = 96  # pixels


def make_prepared(
    data_dir: Path,
    *,
    images_per_class: int = IMAGES_PER_CLASS,
    table: ClassTable = TABLE,
    codes: Sequence[str] | None = None,
    side: int = SIDE,
    enlarged: int = 1,
) -> tuple[np.ndarray, pd.DataFrame]:
    """Write a prepared data set of synthetic pictures, two of each lesion; returns its pixels and index.

    `codes` are the classes of the table that there are pictures of; all of them if None. Pictures are drawn
    at `side` pixels and then made `enlarged` times as large.
    """
    diagnoses = np.repeat(table.codes if codes is None else codes, images_per_class)
    images = np.stack(
        [lesion_image(code, seed, height=side, width=side) for seed, code in enumerate(diagnoses)]
    )
    images = images.repeat(enlarged, axis=1).repeat(enlarged, axis=2)
    index = pd.DataFrame("", index=range(len(diagnoses)), columns=list(COLUMNS))
    index["image_id"] = [f"IMG_{i:04d}" for i in range(len(index))]
    index["lesion_id"] = [f"LES_{i // 2:04d}" for i in range(len(index))]
    index["group_id"], index["source"], index["picture"] = index["lesion_id"], "tiny", "dermoscopic"
    index["diagnosis"], index["width"], index["height"] = diagnoses, side * enlarged, side * enlarged
    data_dir.mkdir(parents=True)
    np.save(data_dir / "images.npy", images)
    index.to_csv(data_dir / "index.csv", index=False)
    fingerprint = hashlib.sha256(images.tobytes()).hexdigest()
    report = {"version": VERSION, "fingerprint": fingerprint, "classes": table.to_dict(), "source": "tiny"}
    report |= {"licences": ["CC0 1.0"], "citation": "Drawn by tests/synthetic.py"}
    (data_dir / "prepare.json").write_text(json.dumps(report))
    return images, index


def make_run(folder: Path, table: ClassTable = TABLE) -> Path:
    """Make `folder`/data, `folder`/splits.csv and `folder`/runs/tiny; returns the run folder."""
    import keras

    from dermdistill.models import build_model

    images, index = make_prepared(folder / "data", table=table)
    splits = make_splits(index, val=0.25, test=0.25)
    write_splits(splits, folder / "splits.csv", {"seed": 20180801})
    keras.utils.set_random_seed(1)
    model = build_model("tiny_cnn", num_classes=len(table), image_size=SIDE)
    embeddings = model.predict(images, batch_size=28, verbose=0)["embedding"]
    train = (splits["split"] == "train").to_numpy()
    head = LogisticRegression(C=10, max_iter=300).fit(embeddings[train], splits["diagnosis"][train])
    model.get_layer("class_maps").set_weights([head.coef_.T[None, None]])
    model.get_layer("logits").set_weights([head.intercept_])
    run_dir = folder / "runs" / "tiny"
    run_dir.mkdir(parents=True)
    with warnings.catch_warnings():
        # Keras hands h5py a TensorFlow variable, whose __array__ is of numpy 1; nothing of ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        model.save_weights(run_dir / "best.weights.h5")
    recipe = {
        "name": "tiny",
        "seed": 1,
        "model": {"name": "tiny_cnn", "init": "none", "dropout": 0.2},
        "data": {"dir": str(folder / "data"), "splits": str(folder / "splits.csv")},
        "phases": [{"image_size": SIDE, "epochs": 2, "learning_rate": 1e-3}],
    }
    fingerprints = {
        "data": json.loads((folder / "data/prepare.json").read_text())["fingerprint"],
        "splits": hashlib.sha256((folder / "splits.csv").read_bytes()).hexdigest(),
    }
    config = {"recipe": recipe, "classes": table.to_dict(), "fingerprints": fingerprints}
    (run_dir / "config.json").write_text(json.dumps(config))
    history = [{"epoch": k, "loss": 2 / k, "val_balanced_accuracy": 1 - 1 / k, "seconds": 3} for k in (1, 2)]
    (run_dir / "history.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in history))
    return run_dir
