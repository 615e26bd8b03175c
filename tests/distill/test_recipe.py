import re
from pathlib import Path

import pytest

from dermdistill.distill.recipe import load_recipe
from dermdistill.errors import RecipeError

TINY = """
name = "tiny"
[model]
name = "tiny_cnn"
[data]
dir = "data"
splits = "splits.csv"
[[phases]]
epochs = 2
learning_rate = 1e-3
"""


@pytest.fixture
def tiny_path(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def test_overrides_reach_every_depth(tiny_path):
    recipe = load_recipe(
        tiny_path, ("seed=3", "phases.0.epochs=5", "batches.mixup=0.2", "model.init=some/file.weights.h5")
    )
    assert (recipe.seed, recipe.phases[0].epochs, recipe.batches.mixup) == (3, 5, 0.2)
    assert recipe.model.init == "some/file.weights.h5"


def test_all_problems_are_named_at_once(tiny_path):
    tiny_path.write_text(TINY + "[batches]\nsise = 3\n[views]\nrotation = 200\n")
    with pytest.raises(RecipeError, match=r"views\.rotation.*batches\.sise|batches\.sise.*views\.rotation"):
        load_recipe(tiny_path)


@pytest.mark.parametrize("override", ["batches.size", "=3", "phases.7.epochs=1", "name.x=1", "nothing=1"])
def test_an_override_that_fits_nowhere_is_refused(tiny_path, override):
    with pytest.raises(RecipeError):
        load_recipe(tiny_path, (override,))


@pytest.mark.parametrize(
    "override",
    ["phases.0.learning_rate=inf", "batches.mixup=inf", "optimizer.clip_norm=inf"],
)
def test_a_value_that_is_no_finite_number_is_refused(tiny_path, override):
    with pytest.raises(RecipeError, match=re.escape(override.partition("=")[0])):
        load_recipe(tiny_path, (override,))


def test_distillation_wants_teachers_of_one_kind(tiny_path):
    tiny_path.write_text(TINY + "[distill]\nalpha = 0.5\n")
    with pytest.raises(RecipeError, match="teacher_logits"):
        load_recipe(tiny_path)


def test_cached_logits_cannot_be_asked_at_another_size(tiny_path):
    tiny_path.write_text(TINY + '[distill]\nteacher_logits = ["a.npz"]\nteacher_image_size = 160\n')
    with pytest.raises(RecipeError, match="teach --image-size"):
        load_recipe(tiny_path)


def test_files_that_are_no_recipe_are_refused(tmp_path):
    with pytest.raises(RecipeError, match="cannot be read"):
        load_recipe(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("name = ")
    with pytest.raises(RecipeError, match="not valid TOML"):
        load_recipe(tmp_path / "bad.toml")


def test_a_recipe_with_a_base_gives_only_what_differs(tiny_path):
    folder = tiny_path.parent / "derived"
    folder.mkdir()
    (folder / "longer.toml").write_text(
        'base = "../tiny.toml"\nname = "longer"\n[data]\nwith_val = true\n'
        "[[phases]]\nepochs = 9\nlearning_rate = 1.0\n"
    )
    (folder / "again.toml").write_text('base = "longer.toml"\nname = "again"\nseed = 4\n')
    recipe = load_recipe(folder / "again.toml", ("phases.0.epochs=10",))
    assert (recipe.name, recipe.seed, recipe.model.name) == ("again", 4, "tiny_cnn")
    assert (recipe.data.dir, recipe.data.with_val) == (Path("data"), True)
    assert [phase.epochs for phase in recipe.phases] == [10]


def test_a_base_that_is_missing_or_its_own_is_refused(tiny_path):
    tiny_path.write_text('base = "none.toml"\n' + TINY)
    with pytest.raises(RecipeError, match=r"none\.toml cannot be read"):
        load_recipe(tiny_path)
    (tiny_path.parent / "other.toml").write_text('base = "tiny.toml"\n')
    tiny_path.write_text('base = "other.toml"\n' + TINY)
    with pytest.raises(RecipeError, match="derived from it"):
        load_recipe(tiny_path)


@pytest.mark.parametrize("path", sorted(Path("recipes").rglob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_recipe_is_valid_bears_its_file_name_and_says_what_it_gave(path):
    assert load_recipe(path).name == path.stem
    header = path.read_text("utf-8").partition("\nname =")[0]
    told = re.findall(r"^# (Paper|Command|Run time|Result):", header, flags=re.MULTILINE)
    assert told == ["Paper", "Command", "Run time", "Result"]
    for named in re.findall(r"(?:recipes|results)/[\w./-]*[\w-]", header):
        assert Path(named).exists(), f"{path} names {named}"
