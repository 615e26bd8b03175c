"""A teacher that answers every image alike is found before the first step."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dermdistill.classes import load_classes
from dermdistill.distill.collapse import say_of_collapse
from dermdistill.distill.loop import train
from dermdistill.distill.recipe import load_recipe
from dermdistill.errors import ModelError
from dermdistill.models import load_run_model
from dermdistill.runs import write_best_weights

SHARES = np.array([0.05, 0.05, 0.1, 0.02, 0.1, 0.66, 0.02])
DATA = SimpleNamespace(class_shares=SHARES, classes=load_classes("ham10000"))


def logits_of(probs):
    return np.log(np.asarray(probs, np.float32))


def test_constant_answers_are_refused():
    with pytest.raises(ModelError, match="t gives all of 50 images the same probabilities"):
        say_of_collapse(Path("t"), np.tile(logits_of(SHARES), (50, 1)), DATA)


def test_one_class_by_either_rule_is_warned_of():
    rng = np.random.default_rng(0)
    always = np.full((50, 7), 0.01) + rng.uniform(0, 0.005, (50, 7))
    always[:, 5] = 1
    said = say_of_collapse(Path("t"), logits_of(always), DATA)
    assert "the teacher t decides for one class only (nv) on 50 images" in said


def test_a_teacher_whose_corrected_answers_differ_is_believed():
    """With two of three images naevi, a weak teacher's most probable class may be one, and no fault."""
    probs = np.tile(SHARES, (50, 1))
    probs[::2, 4] += 0.3
    assert set(probs.argmax(axis=1)) == {5}
    assert say_of_collapse(Path("t"), logits_of(probs), DATA) is None


@pytest.fixture
def teacher(trained, tmp_path):
    """A copy of a trained run whose head is to be spoiled."""
    run_dir = shutil.copytree(trained[0], tmp_path / "teacher")
    return run_dir, load_run_model(run_dir, image_size=None)


def student(tiny_recipe_path, tmp_path, teacher_dir):
    path = tmp_path / "student.toml"
    path.write_text(tiny_recipe_path.read_text() + f'[distill]\nteachers = ["{teacher_dir}"]\n')
    one_epoch = "phases=[{image_size=16, epochs=1, learning_rate=1e-3}]"
    return load_recipe(path, ("name=student", one_epoch))


def test_no_student_is_trained_by_a_constant_teacher(teacher, tiny_recipe_path, tmp_path):
    run_dir, model = teacher
    head = model.get_layer("class_maps")
    head.set_weights([np.zeros_like(head.get_weights()[0])])
    write_best_weights(run_dir, model)
    with pytest.raises(ModelError, match=r"teacher .*teacher gives all of \d+ images the same probabilities"):
        train(student(tiny_recipe_path, tmp_path, run_dir), tmp_path / "student", lambda kind, facts: None)
    assert not (tmp_path / "student").exists()


def test_a_teacher_of_one_class_is_warned_of_on_screen_and_in_history(teacher, tiny_recipe_path, tmp_path):
    run_dir, model = teacher
    model.get_layer("logits").bias.assign([0, 0, 0, 0, 0, 4, 0])
    write_best_weights(run_dir, model)
    said = []
    recipe = student(tiny_recipe_path, tmp_path, run_dir)
    train(recipe, tmp_path / "student", lambda kind, facts: said.append((kind, facts.get("text"))))
    (warning,) = [text for kind, text in said if kind == "warning"]
    assert "decides for one class only (nv)" in warning
    (line,) = map(json.loads, (tmp_path / "student/history.jsonl").read_text().splitlines())
    assert line["warnings"] == [warning]
