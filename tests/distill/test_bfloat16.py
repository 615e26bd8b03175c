"""Mixed precision, and that a training in it can be killed."""

import pytest

from dermdistill.distill.recipe import load_recipe
from dermdistill.distill.teaching import Teaching
from dermdistill.distill.training_set import load_training_set
from dermdistill.models import build_model, load_run_model
from dermdistill.models.freeze import backbone_of
from jax_run import assert_alike, train_on_jax


@pytest.mark.slow
def test_on_jax_a_killed_training_in_bfloat16_goes_on_to_the_same_history(tiny_recipe_path, tmp_path):
    settings = ("checkpoint_steps=1", "compute.precision=bfloat16", "compute.views=device")
    whole = train_on_jax(tiny_recipe_path, tmp_path / "whole", settings)
    train_on_jax(tiny_recipe_path, tmp_path / "killed", settings, stop=True)
    resumed = train_on_jax(tiny_recipe_path, tmp_path / "killed", settings)
    assert_alike(resumed, whole, ("loss", "val_loss", "val_balanced_accuracy"), 1e-5)
    assert whole[1]["loss"] < whole[0]["loss"]
    student = load_run_model(tmp_path / "whole", image_size=32)
    assert {str(weight.dtype) for weight in student.weights} <= {"float32", "int64", "int32", "uint32"}


def test_bfloat16_reaches_the_backbone_and_leaves_head_and_weights(tiny_recipe_path):
    model = build_model("tiny_cnn", num_classes=7, image_size=32, precision="bfloat16")
    assert backbone_of(model).get_layer("conv_2").compute_dtype == "bfloat16"
    assert model.get_layer("class_maps").compute_dtype == "float32"
    assert {output.dtype for output in model.output.values()} == {"float32"}
    assert {weight.dtype for weight in model.trainable_variables} == {"float32"}
    assert (
        backbone_of(build_model("tiny_cnn", num_classes=7, image_size=32)).get_layer("conv_2").compute_dtype
        == "float32"
    )


def test_a_teacher_may_compute_otherwise_than_its_student(trained, tiny_recipe_path, tmp_path):
    path = tmp_path / "student.toml"
    path.write_text(tiny_recipe_path.read_text() + f'[distill]\nteachers = ["{trained[0]}"]\n')

    def teacher_computes_in(*settings):
        recipe = load_recipe(path, settings)
        teacher = Teaching(recipe, load_training_set(recipe)).teachers[0]
        return backbone_of(teacher).get_layer("conv_2").compute_dtype

    assert teacher_computes_in("compute.teacher_precision=bfloat16") == "bfloat16"
    assert teacher_computes_in("compute.precision=bfloat16") == "bfloat16"
    assert teacher_computes_in("compute.precision=bfloat16", "compute.teacher_precision=float32") == "float32"
