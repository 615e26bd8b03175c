"""What the documents promise must be there: commands, options, files, and what CI runs."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.core
import typer.main

from dermdistill.cli import app
from dermdistill.distill.recipe import load_recipe

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCUMENTS += sorted((ROOT / "docs").rglob("*.md"))
MADE_BY_THE_SITE = {ROOT / "docs/integrate/http.md"}  # docs/site_hooks.py


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def console_lines(text: str) -> list[str]:
    """The commands in a document's console blocks, without their comments."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]


def test_ci_runs_exactly_what_contributing_says():
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    told = console_lines(contributing.split("<!-- ci -->")[1].split("<!-- /ci -->")[0])
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert told == [line for line in script.splitlines() if line.startswith("make ")]


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_make_targets_exist(path: Path):
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", path.read_text("utf-8"), flags=re.MULTILINE)) <= set(
        targets
    )


def assert_accepted(line: str) -> None:
    """The command parses; recipes must be ours, other files and folders it names are put there."""
    command = typer.main.get_command(app)
    words = shlex.split(line)[1:]
    while isinstance(command, typer.core.TyperGroup):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    for word in words:
        place = Path(word)
        if word.startswith("recipes/"):
            assert (ROOT / word).is_file(), f"{line}: there is no such recipe"
        if place.suffix:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        elif not word.startswith("-"):
            place.mkdir(parents=True, exist_ok=True)
    command.make_context(line, words)


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=named)
def test_commands_shown_are_accepted(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for line in console_lines(path.read_text("utf-8")):
        if line.startswith("dermdistill"):
            assert_accepted(line)


def test_make_student_goes_from_images_to_the_bundle_that_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked = ["make", "--dry-run", "--no-print-directory", "student", "HAM10000=my images", "WEIGHTS=start.h5"]
    asked += ["TEACHER_WEIGHTS=teacher.h5", "SETTINGS=--set batches.size=3", "EXPORT_SETTINGS=--resamples 20"]
    made = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    commands = [line for line in made.replace("\\\n", "").splitlines() if "/bin/dermdistill " in line]
    words = [shlex.split(line) for line in commands]
    trainings = [each for each in words if each[1] in ("train", "distill")]
    assert all(each[-2:] == ["--set", "batches.size=3"] for each in trainings)
    assert all(each.count("--set") == 1 for each in trainings), "what a training is stands in its recipe"
    assert {each[2] for each in trainings} == set(map(named, (ROOT / "recipes/shipped").glob("*.toml")))
    *teachers, first, second, third, last = (load_recipe(ROOT / each[2]) for each in trainings)
    for student, taught_by in ((first, teachers), (second, teachers), (third, [second])):
        assert student.distill is not None
        assert student.distill.teachers == tuple(Path("runs") / teacher.name for teacher in taught_by)
    starts = (second.model.init, third.model.init, last.model.init)
    assert starts == tuple(f"runs/{each.name}" for each in (first, second, third))
    prepared = {each[each.index("--out") + 1] for each in words if each[1:3] == ["data", "prepare"]}
    (split,) = (each for each in words if each[1:3] == ["data", "split"])
    assert {str(source.dir) for source in last.data.sources} <= {it for it in split if it in prepared}
    assert str(last.data.splits) == split[split.index("--out") + 1]
    exported = words[-1]
    assert exported[1:3] == ["export", f"runs/{last.name}"]
    assert exported[-2:] == ["--resamples", "20"]
    shipped = json.loads((ROOT / "src/dermdistill/bundles/mobilenet_v2/bundle.json").read_text("utf-8"))
    assert json.loads(shipped["training"]["recipe"])["name"] == last.name
    assert shipped["version"] == exported[exported.index("--version") + 1]
    assert shipped["input"]["quarter_turns"] == ("--views" in exported)
    monkeypatch.chdir(tmp_path)
    for line in commands:
        assert_accepted(line)


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_links_inside_the_project_lead_somewhere(path: Path):
    for target in re.findall(r"\]\(([^)#]+)", path.read_text("utf-8")):
        if "://" not in target:
            place = path.parent / target
            there = place.exists() or place.resolve() in MADE_BY_THE_SITE
            assert there, f"{named(path)} points to {target}, which does not exist"


def test_the_command_line_reference_is_up_to_date(tmp_path: Path):
    written = tmp_path / "cli.md"
    ask = [
        sys.executable,
        "-m",
        "typer",
        "dermdistill.cli",
        "utils",
        "docs",
        "--name",
        "dermdistill",
        "--output",
    ]
    subprocess.run([*ask, str(written)], check=True, capture_output=True)
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == written.read_text("utf-8"), "run `make docs`"


def test_the_reference_of_recipes_is_up_to_date():
    from dermdistill.distill.recipe.reference import reference

    assert (ROOT / "docs" / "recipes.md").read_text("utf-8") == reference(), "run `make docs`"


def test_every_test_named_in_a_document_exists():
    text = "".join(path.read_text("utf-8") for path in DOCUMENTS)
    named_tests = re.findall(r"`(tests/\S+\.py)::(\w+)`", text)
    assert len(named_tests) >= 10
    for file, name in named_tests:
        assert f"def {name}(" in (ROOT / file).read_text("utf-8"), f"{file} has no {name}"
