"""Each fold is answered by the run that left it out, with stand-ins whose answers tell which run answered."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dermdistill.data.splits import make_splits, read_splits, write_splits
from dermdistill.errors import DataError
from dermdistill.evaluate.pooled_folds import POOLED, check_folds, pool_folds
from dermdistill.files import file_sha256
from dermdistill.metrics.predictions import find_classes, probs_of, read_predictions
from dermdistill.runs import read_run, write_config, write_images_seen
from ham10000 import TABLE
from tiny_run import make_prepared


@pytest.fixture(scope="module")
def folds(tmp_path_factory):
    """Three runs that each left a fold out, and their split."""
    folder = tmp_path_factory.mktemp("folds")
    _, index = make_prepared(folder / "data", images_per_class=12)
    write_splits(make_splits(index, folds=3), folder / "splits.csv", {})
    splits = read_splits(folder / "splits.csv")
    runs = []
    for fold in range(3):
        run_dir = folder / f"student-fold{fold}"
        run_dir.mkdir()
        recipe = {"name": run_dir.name, "data": {"dir": str(folder / "data"), "fold": fold}}
        recipe["data"]["splits"] = str(folder / "splits.csv")
        fingerprints = {
            "data": json.loads((folder / "data/prepare.json").read_text())["fingerprint"],
            "splits": file_sha256(folder / "splits.csv"),
        }
        write_config(run_dir, {"recipe": recipe, "classes": TABLE.to_dict(), "fingerprints": fingerprints})
        seen = splits[(splits["split"] == "train") & (splits["fold"] != fold)]
        write_images_seen(run_dir, seen["image_id"])
        runs.append(read_run(run_dir))
    return runs, splits


def _sure_of_its_fold(run, study):
    """Answers the class that has the number of the fold, however the image looks."""

    def logits_of(images):
        logits = np.zeros((len(images), 7))
        logits[:, run.config["recipe"]["data"]["fold"]] = 5
        return logits

    return logits_of


def test_every_training_image_is_answered_by_the_run_that_has_not_seen_it(folds, tmp_path):
    runs, splits = folds
    told = []
    pool_folds(runs[::-1], tmp_path / "pooled", _sure_of_its_fold, advance=lambda *of: told.append(of))
    pooled = read_predictions(tmp_path / "pooled/predictions.csv")
    train = splits[splits["split"] == "train"].set_index("image_id")
    assert set(pooled["image_id"]) == set(train.index)
    assert set(pooled["split"]) == {POOLED}
    assert (probs_of(pooled).argmax(axis=1) == train.loc[pooled["image_id"], "fold"]).all()
    assert find_classes(tmp_path / "pooled/predictions.csv", TABLE.codes) == TABLE
    assert sum(images for _, images in told) == len(train)
    assert {name for name, _ in told} == {run.run_dir.name for run in runs}


def test_each_fold_is_left_out_once(folds):
    runs, _ = folds
    assert list(check_folds(runs[::-1])) == [0, 1, 2]
    with pytest.raises(DataError, match=r"No run left fold 2 of .*splits\.csv out"):
        check_folds(runs[:2])
    with pytest.raises(DataError, match="both left fold 0 out"):
        check_folds([runs[0], *runs])
    config = json.loads(json.dumps(runs[0].config))
    config["recipe"]["data"]["fold"] = None
    with pytest.raises(DataError, match="left no fold out"):
        check_folds([replace(runs[0], config=config), *runs[1:]])


def test_runs_of_another_split_are_refused(folds, tmp_path):
    runs, _ = folds
    other = tmp_path / "splits.csv"
    other.write_bytes(runs[0].splits_path.read_bytes() + b"\n")
    with pytest.raises(DataError, match="were trained with different splits"):
        check_folds([runs[0], runs[1], replace(runs[2], splits_path=other)])


def test_a_run_that_knows_its_fold_cannot_measure_it(folds, tmp_path):
    runs, splits = folds
    knows = Path(runs[1].run_dir / "training_images.txt")
    kept = knows.read_text()
    left_out = splits.loc[splits["fold"] == 1, "image_id"].iloc[0]
    try:
        knows.write_text(f"{kept}{left_out}\n")
        with pytest.raises(DataError, match=rf"has learned from 1 images of fold 1, .*{left_out}"):
            pool_folds(runs, tmp_path / "pooled", _sure_of_its_fold)
    finally:
        knows.write_text(kept)
    with pytest.raises(DataError, match="holds a run"):
        pool_folds(runs, runs[0].run_dir, _sure_of_its_fold)
