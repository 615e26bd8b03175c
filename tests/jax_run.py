"""Training on JAX, in a process of its own: a process has one backend."""

import json
import os
import subprocess
import sys

import pytest

# Trains by the recipe of argv[1] into argv[2]; argv[3] of "stop" ends it after step 2 of epoch 1.
TRAIN = """
import os, sys
from pathlib import Path
from dermdistill.distill.loop import train
from dermdistill.distill.recipe import load_recipe

def report(kind, facts):
    if sys.argv[3] == "stop" and kind == "step" and (facts["epoch"], facts["step"]) == (1, 2):
        os._exit(9)

train(load_recipe(Path(sys.argv[1]), tuple(sys.argv[4:])), Path(sys.argv[2]), report)
"""


def train_on_jax(recipe_path, run_dir, settings, *, stop=False, environment=None):
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
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"} | (environment or {}),
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
