"""The shape of the code: one-way imports, a light clinic half, small modules, complete help."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import typer.core
import typer.main

from architecture import MAY_IMPORT, MODULES, PAGE, ROOT, SOURCE, imported_modules, module_name, page, room_of

CLIENT = ROOT / "client"
CLIENT_MODULES = sorted([*CLIENT.glob("src/**/*.ts"), *CLIENT.glob("tests/**/*.ts"), *CLIENT.glob("*.mjs")])
LATE = ("flask", "pyarrow")  # what only serving, or a table, needs
STYLES = sorted(CLIENT.glob("css/**/*.css"))

Command = typer.core.TyperGroup | typer.core.TyperCommand
MOST_MODULES = 12


def named(path: Path) -> str:
    return str(path.relative_to(SOURCE if path.is_relative_to(SOURCE) else ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_go_one_way(path: Path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    room = "" if parts == ("__init__",) else parts[0]
    assert room in MAY_IMPORT, f"say in MAY_IMPORT what the new room {room} may import"
    rooms = {room_of(module) for module in imported_modules(path)} - {room}
    assert rooms <= MAY_IMPORT[room], f"{named(path)} may not import {sorted(rooms - MAY_IMPORT[room])}"


def test_no_module_imports_itself_by_way_of_others():
    """Also not inside a function, or for its types alone."""
    modules = {module_name(path): path for path in MODULES}
    graph = {
        name: {found for found in imported_modules(path) if found in modules and found != name}
        for name, path in modules.items()
    }
    list(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


def test_the_page_that_shows_the_house_is_up_to_date():
    assert PAGE.read_text("utf-8") == page(), "run `make docs`"


def test_folders_are_small():
    files = [*MODULES, *CLIENT_MODULES, *STYLES]
    folders = Counter(path.parent for path in files if path.stem != "__init__")
    assert {named(folder): count for folder, count in folders.items() if count > MOST_MODULES} == {}


@pytest.mark.parametrize(
    ("module", "late"),
    [("dermdistill.web", ()), ("dermdistill.inference", LATE), ("dermdistill.cli", LATE)],
    ids=["web", "inference", "cli"],
)
def test_the_clinic_half_loads_nothing_of_the_lab(module: str, late: tuple[str, ...]):
    """Every module of the package counts, not only what its __init__ happens to import."""
    folder = SOURCE / module.split(".")[1]
    names = [module_name(path) for path in sorted(folder.rglob("*.py"))]
    heavy = ["tensorflow", "keras", "jax", "torch", "pandas", "sklearn", "matplotlib", "scipy"]
    code = (
        "import importlib, sys\n"
        f"importlib.import_module({module!r})\n"
        f"print([name for name in {late} if name in sys.modules])\n"
        f"for name in {names}: importlib.import_module(name)\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]


@pytest.mark.parametrize("path", MODULES + CLIENT_MODULES, ids=named)
def test_a_module_is_one_idea(path: Path):
    assert path.stem.strip("_") not in {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert "generated" in path.parts or len(path.read_text("utf-8").splitlines()) <= 300


def commands(command: Command, name: str) -> Iterator[tuple[str, Command]]:
    yield name, command
    for word, inner in command.commands.items() if isinstance(command, typer.core.TyperGroup) else ():
        yield from commands(inner, f"{name} {word}")


def test_every_command_argument_and_option_says_what_it_does():
    from dermdistill.cli import app

    silent = []
    for name, command in commands(typer.main.get_command(app), "dermdistill"):
        if not command.help or "not there yet" in command.help.lower():
            silent.append(name)
        silent += [f"{name}: {part.name}" for part in command.params if not getattr(part, "help", None)]
    assert silent == []
