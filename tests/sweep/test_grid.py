import pytest

from dermdistill.errors import RecipeError
from dermdistill.evaluate.compare.experiments import experiment_of
from dermdistill.sweep.grid import name_of, read_grid, trials_of

GRID = {"optimizer.ema": ("0.9", "0.99"), "batches.size": ("8",)}


def test_values_are_divided_by_commas_but_not_within_brackets():
    read = read_grid(["optimizer.ema=0.9, 0.99", "distill.weights=[1, 2],[3, 4]", "batches.size=8"])
    assert read == {
        "optimizer.ema": ("0.9", "0.99"),
        "distill.weights": ("[1, 2]", "[3, 4]"),
        "batches.size": ("8",),
    }


@pytest.mark.parametrize("settings", [["ema"], ["=1"], ["ema=1,"], ["ema=1,1"], ["ema=1", "ema=2"]])
def test_what_is_no_list_of_values_is_told(settings):
    with pytest.raises(RecipeError, match="is not of the form key=a,b,c"):
        read_grid(settings)


def test_seed_and_name_belong_to_the_sweep():
    with pytest.raises(RecipeError, match="gives each training its seed and its name itself"):
        read_grid(["seed=1,2"])


def test_every_combination_is_trained_with_every_seed():
    assert trials_of(GRID, 2) == [
        {"optimizer.ema": "0.9", "batches.size": "8", "seed": 0},
        {"optimizer.ema": "0.99", "batches.size": "8", "seed": 0},
        {"optimizer.ema": "0.9", "batches.size": "8", "seed": 1},
        {"optimizer.ema": "0.99", "batches.size": "8", "seed": 1},
    ]


def test_seeds_of_one_experiment_are_known_by_compare(tmp_path):
    names = [name_of("tiny", GRID, trial) for trial in trials_of(GRID, 2)]
    assert names[:2] == ["tiny-optimizer.ema_0.9-seed0", "tiny-optimizer.ema_0.99-seed0"]
    assert [experiment_of(tmp_path / name) for name in names] == [
        "tiny-optimizer.ema_0.9",
        "tiny-optimizer.ema_0.99",
    ] * 2
