"""A clinical picture is taught by what a teacher says of the dermoscopic picture of the same lesion."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dermdistill.data.pairs import pair_pictures
from dermdistill.data.study import open_study
from dermdistill.data.views.render import make_view
from dermdistill.distill import teaching
from dermdistill.distill.cached.logits import (
    CachedTeachers,
    TeacherLogits,
    load_teacher_logits,
    save_teacher_logits,
    views_key,
)
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.loop import train
from dermdistill.distill.optimizer import make_optimizer
from dermdistill.distill.recipe import OptimizerSection, Recipe, load_recipe
from dermdistill.distill.teaching import Teaching
from dermdistill.distill.training_set import load_training_set
from dermdistill.errors import DataError
from dermdistill.imaging import resize_square
from dermdistill.models import build_model
from jax_run import assert_alike, train_on_jax
from several_sources import make_sources


@pytest.fixture(scope="module")
def recipe_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sources(tmp_path_factory.mktemp("cross"))


@pytest.fixture(scope="module")
def teacher(recipe_path: Path) -> Path:
    run_dir = recipe_path.parent / "runs" / "teacher"
    train(load_recipe(recipe_path, ("name=teacher",)), run_dir, lambda *_: None)
    return run_dir


@pytest.fixture
def student(recipe_path: Path, teacher: Path, tmp_path: Path) -> Path:
    """A cross-modal recipe with a live teacher and mixed images."""
    path = tmp_path / "student.toml"
    text = recipe_path.read_text().replace("size = 16", "size = 16\nmixup = 0.4\ncutmix = 1.0")
    path.write_text(text + f'[distill]\nteachers = ["{teacher}"]\ncross_modal = true\n')
    return path


def clinical_only(path: Path) -> Recipe:
    """The student without the dermoscopic pictures of the pairs."""
    recipe = load_recipe(path)
    sources = tuple(source for source in recipe.data.sources if source.picture != "dermoscopic")
    return recipe.model_copy(update={"data": recipe.data.model_copy(update={"sources": sources})})


def index_of(recipe: Recipe) -> pd.DataFrame:
    return open_study(recipe.data.dirs, recipe.data.splits).prepared.index.set_index("image_id")


@pytest.mark.parametrize("choose", [load_recipe, clinical_only])
def test_each_clinical_picture_is_paired_with_the_dermoscopic_one_of_its_lesion(student, choose):
    recipe = choose(student)
    batches, index = load_training_set(recipe).batches, index_of(recipe)
    split = pd.read_csv(recipe.data.splits).set_index("image_id")["split"]
    seen = index.loc[batches.image_ids[: len(batches.labels)]]
    looked_at = index.loc[[batches.image_ids[row] for row in batches.looked_at]]
    clinical = (seen["picture"] == "clinical").to_numpy()
    assert 0 < clinical.sum() < len(clinical)
    assert (looked_at["picture"] == "dermoscopic").all()
    assert (looked_at["lesion_id"].to_numpy() == seen["lesion_id"].to_numpy()).all()
    assert (looked_at.index == seen.index)[~clinical].all()
    assert (split[batches.image_ids] == "train").all()
    rows, _ = batches.order(0)
    assert rows.max() < len(batches.labels)  # what is for teachers alone is never drawn


def test_a_clinical_picture_gets_the_cached_logits_of_its_lesions_dermoscopic_picture(student, tmp_path):
    recipe = load_recipe(student, ("batches.view_bank=3", "batches.mixup=0", "batches.cutmix=0"))
    data = load_training_set(recipe)
    batches, index = data.batches, index_of(recipe)
    # The logit of class 0 tells the lesion, that of class 1 the view, that of class 2 the kind of picture.
    number = {lesion: at for at, lesion in enumerate(sorted(index["lesion_id"].unique()))}
    logits = np.zeros((len(batches.image_ids), 3, 8), np.float16)
    logits[..., 0] = index.loc[batches.image_ids, "lesion_id"].map(number).to_numpy()[:, None]
    logits[..., 1] = np.arange(3)
    logits[..., 2] = (index.loc[batches.image_ids, "picture"] == "dermoscopic").to_numpy()[:, None]
    order = np.random.default_rng(0).permutation(len(logits))
    ids = tuple(batches.image_ids[at] for at in order)
    save_teacher_logits(
        tmp_path / "all.npz", TeacherLogits(ids, logits[order], views_key(batches), batches.codes)
    )
    cached = CachedTeachers.open((tmp_path / "all.npz",), batches, data.held_out)
    clinical = 0
    for batch in batches.epoch(2, 16):
        seen = index.loc[[batches.image_ids[row] for row in batch.rows]]
        heard = cached.look_up(batch)[:, 0]
        np.testing.assert_array_equal(heard[:, 0], seen["lesion_id"].map(number))
        np.testing.assert_array_equal(heard[:, 1], batch.views)
        np.testing.assert_array_equal(heard[:, 2], 1)
        clinical += (seen["picture"] == "clinical").sum()
    assert clinical > 0


def test_a_mixed_clinical_picture_is_taught_by_the_dermoscopic_ones_mixed_alike(student):
    recipe = load_recipe(student)
    batches = load_training_set(recipe).batches
    for batch in batches.epoch(0, 48):
        parts = [
            resize_square(
                make_view(batches.images[row], batches.image_ids[row], int(view), recipe.seed, recipe.views),
                48,
            )
            for row, view in zip(batches.looked_at[batch.rows], batch.views, strict=True)
        ]
        np.testing.assert_array_equal(batch.clean, batch.mixture.of_images(np.stack(parts)))


def test_the_live_teacher_answers_on_what_it_looks_at(student):
    recipe = load_recipe(student, ("model.dropout=0",))
    data = load_training_set(recipe)
    learning = Teaching(recipe, data)
    model = build_model("tiny_cnn", num_classes=8, image_size=16, dropout=0)
    batch = next(data.batches.epoch(0, 16))
    assert (batch.images != batch.clean).any()
    expected = learning.objective.of_outputs(
        model(batch.images, training=True),
        batch.targets,
        [learning.teachers[0](batch.clean, training=False)],
        None,
        batch.taught,
    )
    optimizer = make_optimizer(model.trainable_variables, OptimizerSection())
    step = learning.make_step(model, optimizer, WeightAverage(model, 0.9), 16)
    for name, value in step(batch, 0.0).items():
        assert float(value) == pytest.approx(float(expected[name]), rel=1e-4), name


def test_degraded_images_are_degraded_for_the_student_alone(student):
    batches = load_training_set(load_recipe(student)).batches
    plain = next(batches.epoch(0, 32))
    degraded = next(replace(batches, degraded_share=1.0).epoch(0, 32))
    np.testing.assert_array_equal(degraded.clean, plain.clean)
    assert (degraded.images != plain.images).any()


def test_cached_teachers_need_no_pictures(student):
    recipe = load_recipe(student)
    distill = recipe.distill.model_copy(update={"teachers": (), "teacher_logits": (Path("x.npz"),)})
    batch = next(load_training_set(recipe.model_copy(update={"distill": distill})).batches.epoch(0, 16))
    assert batch.clean is None
    assert (batch.looked_at != batch.rows).any()


def test_teach_caches_what_is_looked_at_and_distill_learns_from_it(student, teacher, tmp_path):
    from dermdistill.cli import app

    logits_path = tmp_path / "cached.npz"
    settings = ["--set", "batches.view_bank=2"]
    run = CliRunner().invoke(
        app,
        ["teach", str(teacher), "--recipe", str(student), "--out", str(logits_path), *settings],
    )
    assert run.exit_code == 0, run.output
    recipe = load_recipe(student)
    index = index_of(recipe)
    cached = load_teacher_logits(logits_path)
    assert (index.loc[list(cached.image_ids), "picture"] == "dermoscopic").all()
    text = student.read_text().replace(f'teachers = ["{teacher}"]', f'teacher_logits = ["{logits_path}"]')
    (tmp_path / "cached.toml").write_text(text)
    loaded = load_recipe(tmp_path / "cached.toml", ("batches.view_bank=2",))
    history = train(loaded, tmp_path / "run", lambda *_: None)
    assert np.isfinite(history[-1]["distill_loss"])


def test_without_pairs_it_is_refused_and_single_clinical_pictures_are_told(student):
    recipe = load_recipe(student)
    study = open_study(recipe.data.dirs, recipe.data.splits)
    train_rows = study.rows("train")
    kinds = train_rows["image_id"].map(study.prepared.index.set_index("image_id")["picture"])
    with pytest.raises(DataError, match="lesions that have a dermoscopic one"):
        pair_pictures(train_rows[kinds == "dermoscopic"], train_rows, study)
    first = train_rows[kinds == "clinical"].iloc[0]
    partner = (train_rows["lesion_id"] == first["lesion_id"]) & (kinds == "dermoscopic")
    pairs = pair_pictures(train_rows[~partner], train_rows[~partner], study)
    assert pairs.notice.startswith("1 clinical pictures")
    at = train_rows[~partner]["image_id"].tolist().index(first["image_id"])
    assert pairs.looked_at[at] == at


def test_the_control_without_teachers_sees_the_same_pictures(student):
    from dermdistill.cli.train import without_teachers

    recipe = load_recipe(student)
    taught, alone = (
        next(load_training_set(each).batches.epoch(0, 32)) for each in (recipe, without_teachers(recipe))
    )
    np.testing.assert_array_equal(taught.images, alone.images)
    assert alone.clean is None
    assert teaching.make_objective(without_teachers(recipe), load_training_set(recipe)).alpha == 0


@pytest.mark.slow
@pytest.mark.parametrize("views", ["host", "device"])
def test_both_backends_train_alike(student, teacher, tmp_path, views):
    settings = ("model.dropout=0", f"model.init={teacher}", f"compute.views={views}", "batches.cutmix=0")
    expected = train(load_recipe(student, settings), tmp_path / "tensorflow", lambda *_: None)
    on_jax = train_on_jax(student, tmp_path / "jax", settings)
    assert_alike(on_jax, expected, ("task_loss", "distill_loss"), 5e-3)
