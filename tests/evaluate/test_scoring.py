"""Scoring with a stand-in for the network: it answers by an image's mean red, so every answer is known."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dermdistill.data.prepared import Prepared, load_prepared
from dermdistill.data.study import Study, open_study_of
from dermdistill.errors import DataError, ModelError
from dermdistill.evaluate.scoring import dihedral, predictions_path, read_current, score_images, score_run
from dermdistill.files import file_sha256
from dermdistill.metrics.predictions import probs_of, write_predictions
from dermdistill.metrics.priors import find_priors
from dermdistill.runs import read_run
from ham10000 import TABLE
from tiny_run import SIDE, make_prepared


def _red_logits(images):
    logits = np.zeros((len(images), 7), np.float32)
    logits[:, 4] = images[..., 0].mean(axis=(1, 2)) / 50
    return logits


def _corner_logits(images):
    logits = np.zeros((len(images), 7), np.float32)
    logits[:, 4] = images[:, 0, 0, 0]
    return logits


@pytest.fixture
def small():
    """Seventy one-colour images in a shuffled cache, their splits in another order."""
    values = np.arange(70, dtype=np.uint8) * 3
    order = np.random.default_rng(0).permutation(70)
    images = np.broadcast_to(values[order, None, None, None], (70, 8, 8, 3)).copy()
    index = pd.DataFrame({"image_id": [f"I{i:02d}" for i in order]})
    splits = pd.DataFrame(
        {
            "image_id": [f"I{i:02d}" for i in range(70)],
            "lesion_id": [f"L{i:02d}" for i in range(70)],
            "diagnosis": ["mel", "nv"] * 35,
            "split": ["train"] * 20 + ["val"] * 15 + ["test"] * 35,
        }
    )
    return Study(
        Prepared(images, index, "0" * 64, TABLE),
        splits,
        {"data": "0" * 64, "splits": "1" * 64},
        TABLE,
        {},
    )


def test_every_image_gets_its_own_answer(small):
    """The seed system read soft labels back by position, from a shuffled source."""
    told = []
    frame = score_images(small, small.rows("val", "test"), _red_logits, advance=told.append)
    assert list(frame["image_id"]) == [f"I{i:02d}" for i in range(20, 70)]
    logit = np.arange(20, 70) * 3 / 50
    np.testing.assert_allclose(frame["p_mel"], np.exp(logit) / (np.exp(logit) + 6))
    assert told == [32, 18]


def test_the_eight_views_are_all_different_and_undo(small):
    image = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(1, 4, 4, 3)
    views = list(dihedral(image))
    assert len({view.tobytes() for view in views}) == 8
    np.testing.assert_array_equal(views[0], image)
    assert all(sorted(view.ravel()) == sorted(image.ravel()) for view in views)


def test_test_time_augmentation_averages_probabilities(small):
    images = small.prepared.images.copy()
    images[:, 0, 0] = 0
    images[:, 0, -1] = images[:, -1, 0] = images[:, -1, -1] = 2
    study = replace(small, prepared=replace(small.prepared, images=images))
    frame = score_images(study, study.rows("val", "test"), _corner_logits, tta=True)
    # Each corner comes to the front in two of the eight views: one quarter 0, three quarters 2.
    expected = 0.25 / 7 + 0.75 * np.exp(2) / (np.exp(2) + 6)
    np.testing.assert_allclose(frame["p_mel"], expected)


def score(run, logits=_red_logits, **settings):
    return score_run(run, open_study_of(run), logits, **settings)


@pytest.fixture
def run(small, tmp_path):
    _, index = make_prepared(tmp_path / "data", images_per_class=4)
    splits = index[["image_id", "lesion_id", "diagnosis"]].assign(
        split=["test", "test", "train", "train"] * 7
    )
    splits.assign(fold=0).to_csv(tmp_path / "splits.csv", index=False)
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    (run_dir / "best.weights.h5").write_bytes(b"weights")
    data = {"dir": str(tmp_path / "data"), "splits": str(tmp_path / "splits.csv")}
    (run_dir / "config.json").write_text(json.dumps({"recipe": {"data": data}, "classes": TABLE.to_dict()}))
    return read_run(run_dir)


def test_predictions_of_older_weights_are_not_reported(run):
    assert read_current(run, tta=False) is None
    frame = score(run)
    np.testing.assert_allclose(probs_of(read_current(run, tta=False)), probs_of(frame))
    assert read_current(run, tta=True) is None
    run.weights_path.write_bytes(b"newer weights")
    assert read_current(run, tta=False) is None


def test_predictions_of_another_model_or_of_other_pictures_are_not_reported(run):
    frame = score(run)
    path = predictions_path(run, tta=False)
    mine = path.read_bytes()
    write_predictions(frame.iloc[::-1], path)
    assert read_current(run, tta=False) is None
    path.write_bytes(mine)
    assert read_current(run, tta=False) is not None
    (run.data_dirs[0] / "prepare.json").write_text(
        (run.data_dirs[0] / "prepare.json").read_text().replace('"fingerprint": "', '"fingerprint": "0')
    )
    assert read_current(run, tta=False) is None


def test_what_a_run_has_learned_from_is_no_measure_of_it(run):
    splits = pd.read_csv(run.splits_path)
    splits.loc[splits.index < 8, "split"] = "val"
    splits.to_csv(run.splits_path, index=False)
    assert score(run)["split"].value_counts().to_dict() == {"val": 8, "test": 10}
    learned_from = splits.loc[splits["split"] != "test", "image_id"]
    (run.run_dir / "training_images.txt").write_text("\n".join(learned_from))
    rest = score(run)
    assert rest["image_id"].tolist() == splits.loc[splits["split"] == "test", "image_id"].tolist()


def trained_on(run, fingerprints, **made_with):
    """The run, as one that says what it was trained on."""
    return replace(run, config=run.config | {"fingerprints": fingerprints, "made_with": made_with})


def test_a_run_is_measured_by_the_data_and_the_split_of_its_training_alone(run):
    data, splits = load_prepared(run.data_dirs[0]).fingerprint, file_sha256(run.splits_path)
    score(trained_on(run, {"data": data, "splits": splits}))
    with pytest.raises(DataError, match=r"splits\.csv is not what .*run was trained with any more"):
        score(trained_on(run, {"data": data, "splits": "another"}))
    with pytest.raises(DataError, match=r"data is not what"):
        score(trained_on(run, {"data": "other", "splits": splits}))


def test_a_reopened_bundle_may_be_measured_on_other_images_but_not_by_another_split_of_its_own(run):
    data = load_prepared(run.data_dirs[0]).fingerprint
    score(trained_on(run, {"data": "other", "splits": "other"}, reopened_from="x 1"))
    with pytest.raises(DataError, match="is not what"):
        score(trained_on(run, {"data": data, "splits": "other"}, reopened_from="x 1"))


def test_a_run_can_be_scored_at_another_size_beside_its_own(run):
    sides = []

    def logits(images):
        sides.append(images.shape[1:3])
        return _red_logits(images)

    small, whole = score(run, logits, image_size=48), score(run, logits)
    assert sides == [(48, 48), (SIDE, SIDE)]
    assert not np.array_equal(probs_of(small), probs_of(whole))
    # The area mean of a picture is that of its pixels, so the mean red stays what it was but for rounding.
    np.testing.assert_allclose(probs_of(small), probs_of(whole), atol=2e-3)
    np.testing.assert_allclose(probs_of(read_current(run, tta=False, image_size=48)), probs_of(small))
    assert read_current(run, tta=False, image_size=64) is None


def test_an_interrupted_scoring_leaves_no_predictions(run):
    def fails(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score(run, fails)
    assert not predictions_path(run, tta=False).exists()


def test_priors_come_from_the_train_part(run, make_predictions):
    # Two train images of each class.
    assert set(open_study_of(run).priors.values()) == {1 / 7}
    priors, origin = find_priors(make_predictions(50, splits=("val", "test")), None)
    assert origin == "the val rows, as no splits file was given"
    assert sum(priors.values()) == pytest.approx(1)


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        read_run(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(DataError, match="does not say which data"):
        read_run(tmp_path)
