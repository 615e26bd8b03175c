import pytest

from dermdistill.data.splits import make_splits, write_splits
from dermdistill.distill.recipe import load_recipe
from tiny_run import make_prepared

TINY_RECIPE = """
name = "tiny"
[model]
name = "tiny_cnn"
init = "none"
batch_norm_momentum = 0.8
[data]
dir = "{folder}/data"
splits = "{folder}/splits.csv"
[batches]
size = 16
[optimizer]
ema = 0.9
[[phases]]
image_size = 32
epochs = 2
learning_rate = 1e-2
warmup_epochs = 0.5
[[phases]]
image_size = 48
epochs = 1
learning_rate = 1e-3
freeze_until = "norm_1"
"""


@pytest.fixture(scope="session")
def tiny_recipe_path(tmp_path_factory):
    """A recipe of two short phases on synthetic pictures; prepared data and splits lie beside it."""
    folder = tmp_path_factory.mktemp("tiny")
    _, index = make_prepared(folder / "data")
    write_splits(make_splits(index, val=0.25, test=0.25), folder / "splits.csv", {"seed": 20180801})
    path = folder / "tiny.toml"
    path.write_text(TINY_RECIPE.format(folder=folder))
    return path


@pytest.fixture(scope="session")
def trained(tiny_recipe_path):
    """The run folder and the history of an uninterrupted training."""
    from dermdistill.distill.loop import train

    run_dir = tiny_recipe_path.parent / "runs" / "tiny"
    history = train(load_recipe(tiny_recipe_path), run_dir, lambda kind, facts: None)
    return run_dir, history


@pytest.fixture
def begin():
    """`begin(recipe, run_dir)`: begin a training, and end it when all but weights is written."""
    from dermdistill.distill.loop import train

    def end(kind, facts):
        if kind == "compile":
            raise KeyboardInterrupt

    def begin(recipe, run_dir):
        with pytest.raises(KeyboardInterrupt):
            train(recipe, run_dir, end)

    return begin
