from pathlib import Path

import pytest

from dermdistill.data.splits import make_splits, write_splits
from tiny_run import make_prepared

RECIPE = """
name = "tiny_generator"
seed = 1
image_size = 16
batch_size = 8
steps = 3
epochs = {epochs}
checkpoint_steps = 2
network = {{ width = 4, critic_width = 4, noise = 6 }}

[data]
dir = "{home}/data"
splits = "{home}/splits.csv"
"""


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with prepared synthetic pictures, their split, and recipes of generators."""
    folder = tmp_path_factory.mktemp("generate")
    _, index = make_prepared(folder / "data", images_per_class=12, side=32)
    write_splits(make_splits(index, val=0.2, test=0.2, folds=0), folder / "splits.csv", {"seed": 1})
    (folder / "recipe.toml").write_text(RECIPE.format(home=folder, epochs=2))
    return folder


@pytest.fixture(scope="session")
def generator(home: Path) -> Path:
    """The run of a generator that was trained for two epochs of three steps."""
    from dermdistill.generate.recipe import load_generator_recipe
    from dermdistill.generate.train import train_generator

    run_dir = home / "runs" / "tiny_generator"
    train_generator(load_generator_recipe(home / "recipe.toml"), run_dir, lambda *_: None)
    return run_dir
