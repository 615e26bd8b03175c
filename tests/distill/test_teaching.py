from dataclasses import replace

import numpy as np
import pytest

from dermdistill.data.views.degrade import degraded_copies
from dermdistill.distill import teaching
from dermdistill.distill.cached.logits import TeacherLogits, save_teacher_logits, views_key
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.optimizer import make_optimizer
from dermdistill.distill.recipe import OptimizerSection, load_recipe
from dermdistill.distill.teaching import Teaching, make_objective
from dermdistill.distill.training_set import load_training_set
from dermdistill.distill.validate import predict_logits, validation_metrics
from dermdistill.errors import RecipeError
from dermdistill.models import build_model, load_run_model
from ham10000 import CLASSES

DISTILL = """
[distill]
teacher_logits = ["{folder}/0.npz", "{folder}/1.npz", "{folder}/2.npz"]
alpha = 0.5
"""


@pytest.fixture
def student_path(tiny_recipe_path, tmp_path):
    """A recipe with three cached teachers; teacher number k answers k everywhere."""
    path = tmp_path / "student.toml"
    path.write_text(
        tiny_recipe_path.read_text().replace("size = 16", "size = 16\nview_bank = 2")
        + DISTILL.format(folder=tmp_path)
    )
    batches = load_training_set(load_recipe(path)).batches
    for number in range(3):
        logits = np.full((len(batches.image_ids), 2, len(CLASSES)), number, np.float16)
        cached = TeacherLogits(tuple(batches.image_ids), logits, views_key(batches), batches.codes)
        save_teacher_logits(tmp_path / f"{number}.npz", cached)
    return path


class Noting:
    """A step that only notes what it was given."""

    def __init__(self, note):
        self.note = note

    def __call__(self, given, rate):
        self.note(given)
        return {}

    def sync(self):
        pass


def heard(path, overrides, monkeypatch):
    """The teacher numbers that each of 12 steps hears."""
    seen = []

    def note_instead(model, teachers, optimizer, objective, average, *, views, all_devices):
        return Noting(lambda given: seen.append(tuple(given.cached_logits[0, :, 0].astype(int))))

    monkeypatch.setattr(teaching, "make_step", note_instead)
    recipe = load_recipe(path, overrides)
    data = load_training_set(recipe)
    step = Teaching(recipe, data).make_step(None, None, None, 16)
    for epoch in range(2):
        for batch in data.batches.epoch(epoch, 16):
            step(batch, 0.0)
    return seen


def test_all_cached_teachers_are_heard(student_path, monkeypatch):
    assert set(heard(student_path, (), monkeypatch)) == {(0, 1, 2)}


def test_the_recipe_reaches_the_objective(student_path):
    overrides = (
        "distill.combine=probs",
        "distill.weights=[1, 2, 5]",
        "distill.prior=uniform",
        "distill.loss=dkd",
        "loss.task=focal",
    )
    recipe = load_recipe(student_path, overrides)
    objective = make_objective(recipe, load_training_set(recipe))
    assert (objective.task_loss, objective.distill_loss, objective.combine) == ("focal", "dkd", "probs")
    assert objective.teacher_weights == (1, 2, 5)
    # Every class has as many images, so its prior is 1/7.
    np.testing.assert_allclose(objective.log_prior, -np.log(7))
    plain = make_objective(load_recipe(student_path), load_training_set(recipe))
    assert (plain.log_prior, plain.teacher_weights, plain.combine) == (None, None, "losses")


@pytest.mark.parametrize("weights", ["[1, 2]", "[0, 0, 0]", "[1, -1, 1]"])
def test_weights_that_do_not_fit_the_teachers_are_refused(student_path, weights):
    with pytest.raises(RecipeError, match="distill"):
        load_recipe(student_path, (f"distill.weights={weights}",))


def test_teachers_look_at_their_own_size(tiny_recipe_path, trained, tmp_path, monkeypatch):
    path = tmp_path / "live.toml"
    path.write_text(tiny_recipe_path.read_text() + f'[distill]\nteachers = ["{trained[0]}"]\n')
    recipe = load_recipe(path, ("distill.teacher_image_size=32",))
    given = []
    monkeypatch.setattr(teaching, "make_step", lambda model, teachers, *rest, **kinds: given.extend(teachers))
    at_32 = Teaching(recipe, load_training_set(recipe))
    (teacher,) = at_32.teachers
    for image_size in (32, 48):
        at_32.make_step(None, None, None, image_size)
    assert given[0] is teacher
    pictures = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 3), dtype=np.uint8)
    class_maps = given[1](pictures)["class_maps"]
    assert class_maps.shape == teacher(pictures[:, :32, :32])["class_maps"].shape
    assert class_maps.shape != teacher(pictures)["class_maps"].shape


def test_the_student_sees_the_degraded_image_and_its_teacher_the_clean_one(
    tiny_recipe_path, trained, tmp_path
):
    path = tmp_path / "live.toml"
    path.write_text(tiny_recipe_path.read_text() + f'[distill]\nteachers = ["{trained[0]}"]\n')
    settings = ("batches.degraded_share=1", "batches.sampling_power=0", "model.dropout=0")
    recipe = load_recipe(path, settings)
    data = load_training_set(recipe)
    learning = Teaching(recipe, data)
    (teacher,) = learning.teachers
    model = build_model("tiny_cnn", num_classes=7, image_size=16, dropout=0)
    batch = next(data.batches.epoch(0, 16))
    assert (batch.images != batch.clean).any()
    expected = learning.objective.of_outputs(
        model(batch.images, training=True), batch.targets, [teacher(batch.clean, training=False)], None
    )
    optimizer = make_optimizer(model.trainable_variables, OptimizerSection())
    step = learning.make_step(model, optimizer, WeightAverage(model, 0.9), 16)
    for name, value in step(batch, 0.0).items():
        assert float(value) == pytest.approx(float(expected[name]), rel=1e-4), name


def test_a_learner_of_degraded_images_is_judged_on_images_as_they_are_and_degraded(tiny_recipe_path, trained):
    settings = ("batches.degraded_share=0.5", "stop.metric=macro_auc")
    data = load_training_set(load_recipe(tiny_recipe_path))
    model = load_run_model(trained[0], image_size=None)
    plain, plain_score = Teaching(load_recipe(tiny_recipe_path, settings[1:]), data).validate(model, 16)
    degraded_data = replace(data, batches=replace(data.batches, degraded_share=0.5))
    both, score = Teaching(load_recipe(tiny_recipe_path, settings), degraded_data).validate(model, 16)
    assert plain_score == [plain["val_macro_auc"]] * 2
    assert {name: both[name] for name in plain} == plain
    degraded = predict_logits(model, np.stack(list(degraded_copies(data.val_images))), image_size=16)
    expected = validation_metrics(degraded, data.val_labels, data.class_shares)["val_macro_auc"]
    assert both["val_degraded_macro_auc"] == pytest.approx(expected)
    assert score == pytest.approx([(plain["val_macro_auc"] + expected) / 2] * 2)
    assert len(both) == 2 * len(plain)
