import json

import numpy as np
import pytest
from keras import ops

from dermdistill.distill.loop import train
from dermdistill.distill.losses import get_feature_loss
from dermdistill.distill.objective import Objective
from dermdistill.distill.recipe import load_recipe
from dermdistill.errors import RecipeError
from dermdistill.models import load_run_model


def value(name, student, teacher):
    loss = get_feature_loss(name)
    return ops.convert_to_numpy(loss(np.array(student, np.float32), np.array(teacher, np.float32)))


def test_cosine_by_hand():
    # [3, 4] and [4, 3]: 24 / 25; the same direction; opposite ones; a right angle.
    student = [[3, 4], [1, 2], [1, 0], [0, 5]]
    teacher = [[4, 3], [10, 20], [-2, 0], [7, 0]]
    np.testing.assert_allclose(value("cosine", student, teacher), [0.04, 0, 2, 1], atol=1e-6)


def test_fitnets_by_hand():
    np.testing.assert_allclose(value("fitnets", [[1, 2], [0, 0]], [[3, 2], [1, 1]]), [1.0, 0.5])


def test_features_come_on_top_by_weight_and_by_teacher():
    logits = np.zeros((1, 2), np.float32)
    features = [
        (np.array([[1.0, 0.0]], np.float32), np.array([[0.0, 1.0]], np.float32)),  # cosine loss 1
        (np.array([[1.0, 0.0, 0.0]], np.float32), np.array([[-1.0, 0.0, 0.0]], np.float32)),  # 2
    ]
    objective = Objective(alpha=1.0, feature_loss="cosine", feature_weight=10.0, teacher_weights=(3.0, 1.0))
    losses = objective(logits, np.array([[1, 0]], np.float32), np.zeros((1, 2, 2), np.float32), features)
    assert float(losses["feature_loss"]) == pytest.approx(0.75 * 1 + 0.25 * 2)
    assert float(losses["loss"]) == pytest.approx(10 * 1.25, rel=1e-5)


@pytest.fixture
def student_path(tiny_recipe_path, trained, tmp_path):
    path = tmp_path / "student.toml"
    run_dir, _ = trained
    one_phase = tiny_recipe_path.read_text().rpartition("[[phases]]")[0]
    path.write_text(
        one_phase.replace("[optimizer]", "[optimizer]\nweight_decay = 0")
        + f'[distill]\nteachers = ["{run_dir}"]\nfeatures = "cosine"\nfeature_weight = 5.0\n'
    )
    return path


def test_the_projection_learns_goes_on_where_it_was_and_is_no_part_of_the_student(student_path, tmp_path):
    settings = ("name=student", "seed=3", "phases.0.epochs=3", "checkpoint_steps=1")
    recipe = load_recipe(student_path, settings)

    def quiet(kind, facts):
        pass

    def stop_midway(kind, facts):
        if kind == "step" and (facts["epoch"], facts["step"]) == (1, 2):
            raise KeyboardInterrupt

    whole = train(recipe, tmp_path / "whole", quiet)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, tmp_path / "stopped", stop_midway)
    resumed = train(recipe, tmp_path / "stopped", quiet)
    assert whole[-1]["feature_loss"] < 0.8 * whole[0]["feature_loss"]
    for line, other in zip(resumed, whole, strict=True):
        for name in ("loss", "feature_loss", "val_loss"):
            assert line[name] == pytest.approx(other[name], rel=1e-4), name
    student = load_run_model(tmp_path / "whole", image_size=32)
    assert set(student.output) == {"logits", "class_maps", "embedding"}
    assert json.loads((tmp_path / "whole" / "config.json").read_text())["recipe"]["distill"]["features"]


@pytest.mark.parametrize(
    "override", ["distill.combine=mean", "distill.features=l1", 'distill.teacher_logits=["x.npz"]']
)
def test_what_features_do_not_go_with_is_refused(student_path, override, tmp_path):
    with pytest.raises(RecipeError, match=r"features|cosine|either"):
        train(load_recipe(student_path, (override,)), tmp_path / "run", lambda kind, facts: None)
