import json
import os
import subprocess
import sys

import numpy as np
import pytest

from dermdistill.errors import RecipeError
from dermdistill.generate.recipe import load_generator_recipe
from dermdistill.generate.train import train_generator


class Stopped(Exception):  # noqa: N818 - as KeyboardInterrupt is none
    """What a person does at some step."""


def weights_of(run_dir):
    from dermdistill.generate.sample import load_generator

    return load_generator(run_dir)[0].get_weights()


def test_each_epoch_leaves_weights_a_sheet_and_a_line(generator):
    assert sorted(path.name for path in generator.glob("samples_*.png")) == [
        "samples_0001.png",
        "samples_0002.png",
    ]
    lines = [json.loads(line) for line in (generator / "history.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2]
    assert all(0 < line["discriminator_loss"] < 4 and -4 < line["generator_loss"] < 4 for line in lines)
    assert json.loads((generator / "lineage.json").read_text())[0]["name"] == "tiny"


def test_it_learns_from_the_train_split_alone(generator, home):
    import pandas as pd

    splits = pd.read_csv(home / "splits.csv")
    seen = set((generator / "training_images.txt").read_text().split())
    assert seen == set(splits.loc[splits["split"] == "train", "image_id"])


def test_stopped_and_started_again_it_ends_with_the_same_weights(generator, home, tmp_path):
    recipe = load_generator_recipe(home / "recipe.toml")

    def stop(kind, facts):
        if kind == "step" and (facts["epoch"], facts["step"]) == (2, 2):
            raise Stopped

    with pytest.raises(Stopped):
        train_generator(recipe, tmp_path / "run", stop)
    steps = []
    train_generator(recipe, tmp_path / "run", lambda kind, facts: steps.append((kind, facts["epoch"])))
    assert len(steps) == 3  # two steps and the end of the epoch: it went on from the checkpoint of step 4
    for again, once in zip(weights_of(tmp_path / "run"), weights_of(generator), strict=True):
        np.testing.assert_allclose(again, once, atol=1e-5)


def test_more_epochs_go_on_and_another_recipe_is_refused(generator, home, tmp_path):
    import shutil

    copy = shutil.copytree(generator, tmp_path / "tiny_generator")
    longer = load_generator_recipe(home / "recipe.toml", {"epochs": 3})
    assert len(train_generator(longer, copy, lambda *_: None)) == 3
    with pytest.raises(RecipeError, match="holds a run with another recipe"):
        train_generator(load_generator_recipe(home / "recipe.toml", {"seed": 2}), copy, lambda *_: None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"image_size": 48}, "image_size: give 16, 32, 64 or 128"),
        ({"steps": 0}, "steps: Input should be greater than or equal to 1"),
        ({"colour": 1}, "colour: Extra inputs are not permitted"),
    ],
)
def test_a_recipe_that_does_not_fit_says_why(change, said, home):
    with pytest.raises(RecipeError, match=said):
        load_generator_recipe(home / "recipe.toml", change)


@pytest.mark.slow
def test_a_step_on_jax_is_that_on_tensorflow(home, tmp_path):
    """From the same weights: each backend draws starting weights of its own, so they are handed over."""
    code = """
import sys, numpy as np
from pathlib import Path
from dermdistill.generate import train
from dermdistill.generate.recipe import load_generator_recipe
from dermdistill.generate.step.make import make_step
recipe = load_generator_recipe(Path(sys.argv[1]))
draws, classes, *_ = train._load(recipe)
training = train._Training(recipe, Path(sys.argv[2]), draws, classes)
rng = np.random.default_rng(0)
for network in training.parts[:2]:
    for weight in network.weights:
        weight.assign(rng.normal(0, 0.1, weight.shape))
training.parts.average.restart()
step = make_step(training.parts)
losses = [{k: float(v) for k, v in step(draws.step(n)).items()} for n in range(2)]
step.sync()
weights = np.concatenate([np.ravel(w) for w in training.parts.generator.get_weights()])
np.savez(sys.argv[3], losses=[list(l.values()) for l in losses], weights=weights)
"""
    found = []
    for backend in ("tensorflow", "jax"):
        out = tmp_path / f"{backend}.npz"
        words = [sys.executable, "-c", code, str(home / "recipe.toml"), str(tmp_path / backend), str(out)]
        subprocess.run(words, check=True, env=os.environ | {"KERAS_BACKEND": backend})
        found.append(np.load(out))
    np.testing.assert_allclose(found[0]["losses"], found[1]["losses"], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(found[0]["weights"], found[1]["weights"], atol=2e-3)
