import re
from pathlib import Path

import pytest

from dermdistill.distill.recipe import Recipe, load_recipe
from dermdistill.distill.recipe.problems import table_of
from dermdistill.errors import ModelError, RecipeError
from dermdistill.generate.recipe import load_generator_recipe

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


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("sede=1", r"sede is unknown; did you mean seed\? There are name, seed, model, "),
        ("batchs.size=3", r"batchs is unknown; did you mean batches\?"),
        (
            "batches.sise=3",
            r"batches\.sise is unknown; did you mean size\? \[batches\] has size, sampling_power",
        ),
        (
            "phases.0.epoch=3",
            r"phases\.0\.epoch is unknown; did you mean epochs\? \[phases\.0\] has image_size",
        ),
        ("temperature=3", r"temperature is unknown; did you mean distill\.temperature\?"),
        ("loss.qqqq=3", r"loss\.qqqq is unknown; \[loss\] has task, label_smoothing"),
        ("compute.precision=float16", r"compute\.precision: Input should be 'float32' or 'bfloat16'"),
        ("phases.7.epochs=1", "that list has 1 entries, and the first is number 0"),
    ],
)
def test_an_unknown_key_is_answered_with_what_was_meant_and_what_there_is(tiny_path, override, said):
    with pytest.raises(RecipeError, match=said):
        load_recipe(tiny_path, (override,))


def test_unknown_models_and_losses_are_answered_with_what_was_meant():
    from dermdistill.distill.losses import get_distill_loss, get_task_loss
    from dermdistill.models import get_model_spec

    with pytest.raises(
        ModelError, match=r"no model 'mobilenet_v22'; did you mean 'mobilenet_v2'\? There are dense"
    ):
        get_model_spec("mobilenet_v22")
    with pytest.raises(
        RecipeError, match=r"no task loss 'fokal'; did you mean 'focal'\? There are cross_entropy, f"
    ):
        get_task_loss("fokal")
    with pytest.raises(RecipeError, match=r"no distillation loss 'xyz'; there are dist, dkd, kd, "):
        get_distill_loss("xyz")


def test_every_key_says_what_it_does_in_a_sentence():
    tables = [
        Recipe,
        *(found for field in Recipe.model_fields.values() if (found := table_of(field.annotation))),
    ]
    keys = [
        (f"{table.__name__}.{name}", field.description)
        for table in tables
        for name, field in table.model_fields.items()
        if table_of(field.annotation) is None
    ]
    assert len(keys) > 50
    assert [name for name, text in keys if not text or not re.match(r"[0-9A-Z`].*[.)]$", text)] == []


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
    of_generator = path.stem.endswith("_generator")
    assert (load_generator_recipe(path) if of_generator else load_recipe(path)).name == path.stem
    header = path.read_text("utf-8").partition("\nname =")[0]
    told = re.findall(r"^# (Paper|Command|Run time|Result):", header, flags=re.MULTILINE)
    assert told == ["Paper", "Command", "Run time", "Result"]
    for named in re.findall(r"(?:recipes|results)/[\w./-]*[\w-]", header):
        assert Path(named).exists(), f"{path} names {named}"
