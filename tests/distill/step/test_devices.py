"""Several devices, which a processor can pretend to be, and several processes."""

import json
import os
import socket
import subprocess
import sys

import pytest

from dermdistill.distill.loop import train
from dermdistill.distill.recipe import load_recipe
from dermdistill.errors import ModelError
from jax_run import TRAIN, assert_alike, train_on_jax

NAMES = ("loss", "task_loss", "val_loss", "val_macro_auc")
ONE_EPOCH = ("phases.0.epochs=1", "phases.1.epochs=1")
TWO_DEVICES = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}


@pytest.fixture(scope="module")
def on_one(tiny_recipe_path, tmp_path_factory):
    return train_on_jax(tiny_recipe_path, tmp_path_factory.mktemp("one") / "run", ONE_EPOCH)


@pytest.mark.slow
def test_two_devices_train_as_one_with_the_same_global_batch(on_one, tiny_recipe_path, tmp_path):
    settings = (*ONE_EPOCH, "compute.devices=all")
    on_two = train_on_jax(tiny_recipe_path, tmp_path / "two", settings, environment=TWO_DEVICES)
    assert_alike(on_two, on_one, NAMES, 1e-3)


@pytest.mark.slow
def test_two_processes_train_as_one(on_one, tiny_recipe_path, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    settings = (*ONE_EPOCH, "compute.devices=all")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TRAIN, tiny_recipe_path, tmp_path / str(number), "go", *settings],
            env=os.environ
            | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "KERAS_DISTRIBUTION_NUM_PROCESSES": "2"}
            | {"KERAS_DISTRIBUTION_JOB_ADDRESSES": place, "KERAS_DISTRIBUTION_PROCESS_ID": str(number)},
        )
        for number in range(2)
    ]
    assert [process.wait(timeout=900) for process in processes] == [0, 0]
    for number in range(2):
        lines = (tmp_path / str(number) / "history.jsonl").read_text().splitlines()
        assert_alike([json.loads(line) for line in lines], on_one, NAMES, 1e-3)


def test_all_devices_need_jax(tiny_recipe_path, tmp_path):
    recipe = load_recipe(tiny_recipe_path, ("compute.devices=all",))
    with pytest.raises(
        ModelError, match=r"compute.devices = all needs KERAS_BACKEND=jax; Keras runs on tens"
    ):
        train(recipe, tmp_path / "run", lambda *_: None)
    assert not (tmp_path / "run").exists()
