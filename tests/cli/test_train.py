import json

import pytest
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.errors import RecipeError
from tiny_run import make_run


@pytest.fixture(scope="module")
def recipe_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("control")
    teacher = make_run(folder)
    path = folder / "student.toml"
    path.write_text(f"""
name = "student"
[model]
name = "tiny_cnn"
init = "none"
[data]
dir = "{folder / "data"}"
splits = "{folder / "splits.csv"}"
[distill]
teachers = ["{teacher}"]
[[phases]]
image_size = 32
epochs = 1
learning_rate = 1e-3
""")
    return path


def test_the_control_of_a_distillation_differs_in_nothing_but_its_teachers(recipe_path):
    runs = recipe_path.parent / "runs"
    for command in (["distill"], ["train", "--without-teachers"]):
        result = CliRunner().invoke(app, [*command, str(recipe_path), "--runs-dir", str(runs)])
        assert result.exit_code == 0, result.output
    taught, control = (
        json.loads((runs / name / "config.json").read_text())["recipe"]
        for name in ("student", "student-without-teachers")
    )
    assert taught.pop("name") == "student"
    assert control.pop("name") == "student-without-teachers"
    assert taught.pop("distill")["alpha"] == 0.8
    assert control.pop("distill") is None
    assert taught == control
    lines = [
        json.loads((runs / name / "history.jsonl").read_text().splitlines()[0])
        for name in ("student", "student-without-teachers")
    ]
    assert "distill_loss" in lines[0]
    assert "distill_loss" not in lines[1]
    assert lines[1]["loss"] == pytest.approx(lines[1]["task_loss"])


def test_a_recipe_without_teachers_has_no_such_control(recipe_path, tmp_path):
    plain = tmp_path / "plain.toml"
    text = recipe_path.read_text()
    plain.write_text(text[: text.index("[distill]")] + text[text.index("[[phases]]") :])
    result = CliRunner().invoke(app, ["train", "--without-teachers", str(plain)])
    assert isinstance(result.exception, RecipeError)
    assert "no [distill] table" in str(result.exception)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--without-teachers", "--cross-fit"], "--without-teachers or --cross-fit"),
        (["--views", "3"], "are for the logits of --cross-fit"),
        (["--out", "logits.npz"], "are for the logits of --cross-fit"),
    ],
)
def test_options_that_would_be_ignored_are_refused(options, said, recipe_path, tmp_path):
    result = CliRunner().invoke(app, ["train", str(recipe_path), "--runs-dir", str(tmp_path), *options])
    assert isinstance(result.exception, RecipeError)
    assert said in str(result.exception)
    assert not list(tmp_path.iterdir())
