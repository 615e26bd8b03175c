import json
import re
from pathlib import Path

import numpy as np
import pytest

from dermdistill.bundle import default_bundle_path, load_bundle_spec
from dermdistill.data.splits import read_splits
from dermdistill.data.study import Study
from dermdistill.errors import ModelError
from dermdistill.files import file_sha256
from dermdistill.models import build_model, load_run_model
from dermdistill.reopen.run import write_reopened_run
from ham10000 import TABLE

SHIPPED = load_bundle_spec(default_bundle_path())
NO_STUDY = Study(None, None, {"data": None, "splits": "of another file"}, TABLE, {})
PLACES = {"data_dirs": [Path("data")], "splits_path": Path("splits.csv")}


def study_of(splits_path):
    return Study(
        None, read_splits(splits_path), {"data": None, "splits": file_sha256(splits_path)}, TABLE, {}
    )


@pytest.fixture(scope="module")
def model():
    model = build_model("mobilenet_v2", num_classes=8)
    model.get_layer("class_maps").kernel.assign(np.random.default_rng(0).normal(size=(1, 1, 1280, 8)))
    return model


def test_the_folder_is_a_run_that_says_what_the_bundle_says(model, tmp_path):
    run_dir = tmp_path / "runs/again"
    write_reopened_run(run_dir, model, SHIPPED, NO_STUDY, **PLACES)
    picture = np.random.default_rng(1).integers(0, 256, (1, 224, 224, 3), dtype=np.uint8)
    first, again = (each.predict_on_batch(picture)["logits"] for each in (model, load_run_model(run_dir)))
    np.testing.assert_allclose(again, first, atol=1e-5)
    config = json.loads((run_dir / "config.json").read_text())
    assert config["made_with"]["reopened_from"] == f"{SHIPPED.name} {SHIPPED.version}"
    fingerprints = {
        "data": "881c25728c70cf6881ed5caf3ff11f7bb3cf316c1072ee6f3daf90633bdc3e8a",  # of three sources
        "splits": SHIPPED.training.splits_sha256,
    }
    assert config["fingerprints"] == fingerprints
    recipe = config["recipe"]
    data = {"dir": "data", "splits": "splits.csv", "fold": None, "with_val": False, "sources": []}
    assert recipe["data"] == data
    assert (recipe["model"]["name"], recipe["model"]["init"]) == ("mobilenet_v2", SHIPPED.training.init)
    assert "distill" not in recipe, "it had no teacher"
    assert [path.name for path in run_dir.parent.iterdir()] == ["again"]


@pytest.mark.parametrize(("calibrated_by", "splits"), [(None, ",train,"), ("tiny 1", ",train,|,val,")])
def test_of_the_split_that_it_was_trained_by_it_names_the_images_that_it_has_seen(
    calibrated_by, splits, model, tmp_path
):
    """With a calibration run, it has learned from val, too."""
    home = Path(__file__).parents[2]
    path = home / "results/splits.csv"
    training = SHIPPED.training.model_copy(
        update={"calibrated_by": calibrated_by, "splits_sha256": file_sha256(path)}
    )
    spec = SHIPPED.model_copy(update={"training": training})
    write_reopened_run(
        tmp_path / "run", model, spec, study_of(path), data_dirs=[Path("data")], splits_path=path
    )
    lines = path.read_text().splitlines()
    seen = (tmp_path / "run/training_images.txt").read_text().split()
    assert seen == sorted(line.split(",")[0] for line in lines if re.search(splits, line))
    recipe = json.loads((tmp_path / "run/config.json").read_text())["recipe"]
    assert recipe["data"]["with_val"] == (calibrated_by is not None)
    other = tmp_path / "other.csv"
    other.write_text("\n".join(lines[:-1]) + "\n")
    write_reopened_run(
        tmp_path / "other", model, spec, study_of(other), data_dirs=[Path("data")], splits_path=other
    )
    assert not (tmp_path / "other/training_images.txt").exists()


def test_a_folder_that_is_there_is_left_alone(model, tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ModelError, match="is there already"):
        write_reopened_run(tmp_path, model, SHIPPED, NO_STUDY, **PLACES)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_recipe_in_words_is_no_obstacle(model, tmp_path):
    training = SHIPPED.training.model_copy(update={"recipe": "by hand"})
    spec = SHIPPED.model_copy(update={"training": training})
    write_reopened_run(tmp_path / "run", model, spec, NO_STUDY, **PLACES)
    recipe = json.loads((tmp_path / "run/config.json").read_text())["recipe"]
    assert (recipe["name"], recipe["model"]["name"]) == ("mobilenet_v2", "mobilenet_v2")
