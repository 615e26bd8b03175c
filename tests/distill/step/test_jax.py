"""Training on JAX beside training on TensorFlow."""

import pytest

from dermdistill.distill.loop import train
from dermdistill.distill.recipe import load_recipe
from jax_run import assert_alike, train_on_jax

pytestmark = pytest.mark.slow


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
    distill = f'[distill]\nteachers = ["{start}"]\nteacher_image_size = 32\nalpha = 0.5\n'
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


def test_degraded_images_train_alike_on_both_backends(trained, tiny_recipe_path, tmp_path):
    start, _ = trained
    path = tmp_path / "student.toml"
    path.write_text(tiny_recipe_path.read_text() + f'[distill]\nteachers = ["{start}"]\nalpha = 0.5\n')
    settings = ("phases.0.epochs=1", "model.dropout=0", f"model.init={start}", "batches.degraded_share=0.5")
    expected = train(load_recipe(path, settings), tmp_path / "tensorflow", lambda *_: None)
    on_jax = train_on_jax(path, tmp_path / "jax", settings)
    assert_alike(on_jax, expected, ("task_loss", "distill_loss"), 2e-3)


def test_a_step_is_compiled_once_for_all_phases_of_an_image_size(tiny_recipe_path, tmp_path):
    phases = (
        "{image_size=32, epochs=1, learning_rate=1e-2, warmup_epochs=0.5}",
        "{image_size=32, epochs=2, learning_rate=1e-3, final_share=0.1}",
    )
    cache = {
        "JAX_COMPILATION_CACHE_DIR": str(tmp_path / "cache"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
    settings = (f"phases=[{', '.join(phases)}]",)
    train_on_jax(tiny_recipe_path, tmp_path / "first", settings, environment=cache)
    train_on_jax(tiny_recipe_path, tmp_path / "second", (*settings, "seed=1"), environment=cache)
    assert len(list((tmp_path / "cache").glob("jit_update-*-cache"))) == 1
