"""A teacher a fold, trained for real on a tiny network; the numbers tell whose answer each image got."""

import numpy as np
import pandas as pd
import pytest

from dermdistill.cli import app
from dermdistill.data.splits import make_splits, write_splits
from dermdistill.data.views.render import make_view
from dermdistill.distill.cached.cross_fit import fold_recipes, out_of_fold
from dermdistill.distill.cached.logits import CachedTeachers, load_teacher_logits
from dermdistill.distill.cached.write import TeacherRun, read_teacher_run
from dermdistill.distill.recipe import load_recipe
from dermdistill.distill.training_set import load_training_set
from dermdistill.errors import DermDistillError
from dermdistill.models import load_run_model
from tiny_run import make_prepared

RECIPE = """
name = "teacher"
[model]
name = "tiny_cnn"
init = "none"
batch_norm_momentum = 0.8
[data]
dir = "{folder}/data"
splits = "{folder}/splits.csv"
[batches]
size = 16
view_bank = 2
[optimizer]
ema = 0
[[phases]]
image_size = 32
epochs = 3
learning_rate = 1e-2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cross_fit")
    _, index = make_prepared(folder / "data", images_per_class=16)
    write_splits(make_splits(index, val=0.2, test=0.2, folds=2), folder / "splits.csv", {"seed": 20180801})
    (folder / "teacher.toml").write_text(RECIPE.format(folder=folder))
    student = RECIPE.replace("teacher", "student") + "[views]\nzoom = 0.5\n"
    (folder / "student.toml").write_text(student.format(folder=folder))
    return folder


@pytest.fixture(scope="module")
def run(folder):
    from typer.testing import CliRunner

    def run(*arguments):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return run


@pytest.fixture(scope="module")
def cross_fitted(folder, run):
    """What the command said; it wrote the fold runs and the logits to `runs`."""
    command = ("train", folder / "teacher.toml", "--cross-fit", "--student", folder / "student.toml")
    result = run(*command, "--runs-dir", folder / "runs", "--image-size", 32)
    assert result.exit_code == 0, result.output
    return result.output


def test_each_image_is_answered_by_the_teacher_that_left_its_lesion_out(cross_fitted, folder):
    student = load_recipe(folder / "student.toml")
    data = load_training_set(student)
    cached = load_teacher_logits(folder / "runs" / "teacher-cross-fit.npz")
    splits = pd.read_csv(folder / "splits.csv").set_index("image_id")
    assert set(cached.image_ids) == set(splits.index[splits["split"] == "train"])
    views = [
        make_view(image, image_id, view, student.seed, student.views)
        for image, image_id in zip(data.batches.images, data.batches.image_ids, strict=True)
        for view in (0, 1)
    ]
    small = np.stack(views).reshape(-1, 32, 3, 32, 3, 3).mean(axis=(2, 4)).round().astype(np.uint8)
    distances, seen = [], []
    for fold in (0, 1):
        teacher = load_recipe(folder / "teacher.toml", (f"data.fold={fold}",))
        seen.append(set(splits.loc[load_training_set(teacher).batches.image_ids, "lesion_id"]))
        model = load_run_model(folder / "runs" / f"teacher-fold{fold}", image_size=32)
        own = np.asarray(model.predict_on_batch(small)["logits"]).reshape(-1, 2, 7)
        distances.append(np.abs(own - cached.logits).max(axis=(1, 2)))
    assert not seen[0] & seen[1]
    assert np.median(np.max(distances, axis=0)) > 0.02, "the two teachers cannot be told apart"
    assert np.min(distances, axis=0).max() < 0.002
    for image_id, answered_by in zip(cached.image_ids, np.argmin(distances, axis=0), strict=True):
        assert splits.loc[image_id, "lesion_id"] not in seen[answered_by], image_id


def test_the_file_fits_the_students_recipe_and_its_size_is_told(cross_fitted, folder):
    path = folder / "runs" / "teacher-cross-fit.npz"
    batches = load_training_set(load_recipe(folder / "student.toml")).batches
    assert CachedTeachers.open((path,), batches, frozenset()).logits.shape == (len(batches.labels), 2, 1, 7)
    assert f"2 views of {len(batches.labels)} images, {path.stat().st_size / 1e6:.2f} MB" in cross_fitted
    assert not list((folder / "runs").glob("*.part"))


def test_teach_makes_the_same_of_finished_runs_and_the_mean_of_several(cross_fitted, folder, run):
    runs = [folder / "runs" / f"teacher-fold{fold}" for fold in (1, 0)]
    teach = ("teach", *runs, "--recipe", folder / "student.toml", "--image-size", 32, "--out")
    result = run(*teach, folder / "again.npz", "--cross-fit")
    assert result.exit_code == 0, result.output
    again = load_teacher_logits(folder / "again.npz")
    expected = load_teacher_logits(folder / "runs" / "teacher-cross-fit.npz")
    np.testing.assert_array_equal(again.logits, expected.logits)

    result = run(*teach, folder / "mean.npz", "--views", 3)
    assert result.exit_code == 0, result.output
    mean, first, second = (
        load_teacher_logits(folder / name)
        for name in ("mean.npz", "mean.teacher-fold0.npz", "mean.teacher-fold1.npz")
    )
    assert mean.logits.shape == (len(expected.image_ids), 3, 7)
    probs = [np.exp(part.logits.astype(float)) for part in (mean, first, second)]
    probs = [part / part.sum(axis=-1, keepdims=True) for part in probs]
    np.testing.assert_allclose(probs[0], (probs[1] + probs[2]) / 2, atol=2e-3)


def test_a_teacher_of_another_split_is_refused(cross_fitted, folder, tmp_path):
    (tmp_path / "splits.csv").write_text((folder / "splits.csv").read_text().replace(",train,0", ",train,1"))
    student = load_recipe(folder / "student.toml", (f"data.splits={tmp_path / 'splits.csv'}",))
    with pytest.raises(DermDistillError, match="another split"):
        read_teacher_run(folder / "runs" / "teacher-fold0", load_training_set(student))
    with pytest.raises(DermDistillError, match="different splits"):
        fold_recipes(load_recipe(folder / "teacher.toml"), student)


def test_every_fold_wants_its_one_teacher(folder):
    student = load_recipe(folder / "student.toml")
    data = load_training_set(student)
    for folds in ([0], [0, 0, 1], [None, 0]):
        with pytest.raises(DermDistillError, match="Fold"):
            out_of_fold([TeacherRun(folder, "sha", fold) for fold in folds], student, data)


def test_folds_that_share_a_lesion_are_refused(folder, tmp_path):
    splits = pd.read_csv(folder / "splits.csv")
    first = splits.index[splits["split"] == "train"][0]
    splits.loc[first, "fold"] = 1 - splits.loc[first, "fold"]
    splits.to_csv(tmp_path / "splits.csv", index=False)
    recipe = load_recipe(folder / "teacher.toml", (f"data.splits={tmp_path / 'splits.csv'}",))
    with pytest.raises(DermDistillError, match="two folds"):
        fold_recipes(recipe, recipe)


def test_a_missing_split_is_said(folder):
    recipe = load_recipe(folder / "teacher.toml")
    lost = load_recipe(folder / "teacher.toml", ("data.splits=nothere.csv",))
    for teacher, student in ((lost, lost), (recipe, lost)):
        with pytest.raises(DermDistillError, match=r"nothere\.csv cannot be read"):
            fold_recipes(teacher, student)


def test_layers_have_the_same_names_in_each_fold(folder, run, tmp_path, monkeypatch):
    """Weights of a legacy .h5 are found by layer name; a second fold must not start from random ones."""
    import keras

    from dermdistill.cli import teach
    from dermdistill.cli import train as training

    names = []
    monkeypatch.setattr(
        training,
        "run_training",
        lambda fold, runs, **settings: names.append((fold.data.fold, keras.layers.Dense(1).name)),
    )
    monkeypatch.setattr(teach, "teach", lambda *arguments, **settings: None)
    assert run("train", folder / "teacher.toml", "--cross-fit").exit_code == 0
    assert names == [(0, "dense"), (1, "dense")]


def test_the_number_of_views_is_asked_for_before_anything_is_trained(folder, run, tmp_path):
    command = ("train", folder / "teacher.toml", "--cross-fit", "--runs-dir", tmp_path / "runs")
    result = run(*command, "--set", "batches.view_bank=0")
    assert "--views" in str(result.exception)
    assert not (tmp_path / "runs").exists()
