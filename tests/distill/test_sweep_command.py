"""`dermdistill sweep`, from a recipe to a comparison on val."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.errors import RecipeError


def sweep(recipe, runs_dir, *more):
    words = ["sweep", str(recipe), "--set", "optimizer.ema=0,0.9", "--set", "phases.0.epochs=1"]
    words += ["--set", "phases.1.epochs=1", "--runs-dir", str(runs_dir)]
    return CliRunner().invoke(app, [*words, *more], catch_exceptions=False)


@pytest.mark.slow
def test_every_combination_is_trained_and_compared_on_val(tiny_recipe_path, tmp_path):
    done = sweep(tiny_recipe_path, tmp_path, "--track", "tensorboard")
    assert done.exit_code == 0, done.output
    names = [f"{tiny_recipe_path.stem}-optimizer.ema_{value}" for value in ("0", "0.9")]
    for name, ema in zip(names, (0, 0.9), strict=True):
        run = tmp_path / f"{name}-seed0"
        recipe = json.loads((run / "config.json").read_text())["recipe"]
        assert (recipe["optimizer"]["ema"], recipe["seed"]) == (ema, 0)
        assert list((run / "tensorboard").iterdir())
    table = pd.read_csv(tmp_path / f"{tiny_recipe_path.stem}-sweep" / "comparison.csv")
    assert sorted(set(table["experiment"])) == names
    assert "val, decided prior-corrected" in done.output


def test_all_values_are_checked_before_the_first_training(tiny_recipe_path, tmp_path):
    with pytest.raises(RecipeError, match="ema"):
        CliRunner().invoke(
            app,
            ["sweep", str(tiny_recipe_path), "--set", "optimizer.ema=0.9,7", "--runs-dir", str(tmp_path)],
            catch_exceptions=False,
        )
    assert list(tmp_path.iterdir()) == []
