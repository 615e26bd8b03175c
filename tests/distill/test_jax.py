"""Training on JAX, in processes of their own: a process has one backend."""

import json
import os
import subprocess
import sys

import pytest

from dermdistill.distill.loop import train
from dermdistill.distill.recipe import load_recipe
from dermdistill.models import load_run_model

# Trains by the recipe of argv[1] into argv[2]; argv[3] of "stop" ends it after step 2 of epoch 1.
TRAIN = """
import os, sys
from pathlib import Path
from dermdistill.distill.loop import train
from dermdistill.distill.recipe import load_recipe

def report(kind, facts):
    if sys.argv[3] == "stop" and (facts["epoch"], facts.get("step")) == (1, 2):
        os._exit(9)

train(load_recipe(Path(sys.argv[1]), tuple(sys.argv[4:])), Path(sys.argv[2]), report)
"""


def train_on_jax(recipe_path, run_dir, settings, *, stop=False):
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            TRAIN,
            recipe_path,
            run_dir,
            "stop" if stop else "go",
            *settings,
        ],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        check=False,
    )
    assert done.returncode == (9 if stop else 0)
    if stop:
        return None
    return [json.loads(line) for line in (run_dir / "history.jsonl").read_text().splitlines()]


def assert_alike(history, expected, names, tolerance):
    for line, other in zip(history, expected, strict=True):
        for name in names:
            assert line[name] == pytest.approx(other[name], rel=tolerance), name


def test_jax_trains_as_tensorflow_does_given_equal_pixels(trained, tiny_recipe_path, tmp_path):
    start, _ = trained
    settings = ("phases.0.epochs=1", "phases.1.epochs=1", "model.dropout=0", f"model.init={start}")
    history = train_on_jax(tiny_recipe_path, tmp_path / "jax", settings)
    expected = train(load_recipe(tiny_recipe_path, settings), tmp_path / "tensorflow", lambda *_: None)
    assert_alike(history, expected, ("loss", "task_loss", "val_loss"), 2e-3)


def test_views_made_on_the_device_train_alike_on_both_backends_with_a_live_teacher(
    trained, tiny_recipe_path, tmp_path
):
    # Without `features`: where its projection starts is drawn by the backend.
    start, _ = trained
    path = tmp_path / "student.toml"
    distill = f'[distill]\nteachers = ["{start}"]\nalpha = 0.5\n'
    path.write_text(tiny_recipe_path.read_text() + distill)
    settings = (
        "phases.0.epochs=1",
        "model.dropout=0",
        f"model.init={start}",
        "compute.views=device",
        "batches.mixup=0.5",
        "batches.cutmix=1",
        "views.sharpness=0.5",
    )
    device = train(load_recipe(path, settings), tmp_path / "device", lambda *_: None)
    host = train(load_recipe(path, (*settings, "compute.views=host")), tmp_path / "host", lambda *_: None)
    assert_alike(device, host, ("task_loss", "distill_loss"), 2e-2)
    on_jax = train_on_jax(path, tmp_path / "jax", settings)
    assert_alike(on_jax, device, ("task_loss", "distill_loss"), 5e-3)


def test_on_jax_a_killed_training_in_bfloat16_goes_on_to_the_same_history(tiny_recipe_path, tmp_path):
    settings = ("compute.precision=bfloat16", "compute.views=device")
    whole = train_on_jax(tiny_recipe_path, tmp_path / "whole", settings)
    train_on_jax(tiny_recipe_path, tmp_path / "killed", settings, stop=True)
    resumed = train_on_jax(tiny_recipe_path, tmp_path / "killed", settings)
    assert_alike(resumed, whole, ("loss", "val_loss", "val_balanced_accuracy"), 1e-5)
    assert whole[1]["loss"] < whole[0]["loss"]
    student = load_run_model(tmp_path / "whole", image_size=32)
    assert {str(weight.dtype) for weight in student.weights} <= {"float32", "int64", "int32", "uint32"}


def test_bfloat16_reaches_the_backbone_and_leaves_head_and_weights(tiny_recipe_path):
    from dermdistill.models import build_model
    from dermdistill.models.freeze import backbone_of

    model = build_model("tiny_cnn", image_size=32, precision="bfloat16")
    assert backbone_of(model).get_layer("conv_2").compute_dtype == "bfloat16"
    assert model.get_layer("class_maps").compute_dtype == "float32"
    assert {output.dtype for output in model.output.values()} == {"float32"}
    assert {weight.dtype for weight in model.trainable_variables} == {"float32"}
    assert backbone_of(build_model("tiny_cnn", image_size=32)).get_layer("conv_2").compute_dtype == "float32"
