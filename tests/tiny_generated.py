"""A student of the tiny data that generators are trained on in tests."""

import hashlib
import json
from pathlib import Path


def student_of(home: Path, runs_dir: Path) -> Path:
    """Write a run of a tiny network with a random start on `home`/data; returns its folder."""
    import keras

    from dermdistill.models import build_model

    keras.utils.set_random_seed(2)
    run_dir = runs_dir / "student"
    run_dir.mkdir(parents=True)
    build_model("tiny_cnn", num_classes=7, image_size=32).save_weights(run_dir / "best.weights.h5")
    recipe = {
        "name": "student",
        "seed": 1,
        "model": {"name": "tiny_cnn", "init": "none", "dropout": 0.2},
        "data": {"dir": str(home / "data"), "splits": str(home / "splits.csv")},
        "phases": [{"image_size": 32, "epochs": 2, "learning_rate": 1e-3}],
    }
    report = json.loads((home / "data/prepare.json").read_text())
    splits = hashlib.sha256((home / "splits.csv").read_bytes()).hexdigest()
    config = {"recipe": recipe, "classes": report["classes"]}
    config["fingerprints"] = {"data": report["fingerprint"], "splits": splits}
    (run_dir / "config.json").write_text(json.dumps(config))
    return run_dir
