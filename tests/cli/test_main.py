import errno
import io
import re
import sys

import pytest
import typer
from typer.testing import CliRunner

from dermdistill import cli
from dermdistill.cli import app, main

ORDER = (
    "Use predict explain serve record "
    "Make data train teach distill sweep rebalance evaluate compare board export reopen generate"
)


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["dermdistill", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code, capsys.readouterr().err


def test_a_command_of_the_lab_says_what_to_install(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(sys.modules, "pandas", None)  # as if it were not installed
    for module in [name for name in sys.modules if name.startswith("dermdistill.data")]:
        monkeypatch.delitem(sys.modules, module)
    code, said = run(monkeypatch, capsys, "data", "split", tmp_path, "--out", tmp_path / "splits.csv")
    assert code == 2
    assert "pandas" in said
    assert "dermdistill[train]" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("words", [["--out", ""], ["--bundle", ""], ["--out="], ["--bundle="]])
def test_an_empty_value_is_not_the_current_folder(words, monkeypatch, capsys):
    code, said = run(monkeypatch, capsys, "predict", "lesion.jpg", *words)
    assert code == 2
    assert said == f"error: What follows {words[0]} is empty; give a value, or leave it out.\n"


def test_bad_input_is_one_sentence_and_exit_code_2(monkeypatch, capsys, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text("name = ")
    code, said = run(monkeypatch, capsys, "train", recipe)
    assert code == 2
    assert said.startswith("error: ")
    assert len(said.strip().splitlines()) == 1


def test_a_path_that_the_system_refuses_is_one_sentence(monkeypatch, capsys, tmp_path):
    (tmp_path / "splits.csv").write_text("image_id,lesion_id,split\na,A,train\nb,B,test\n")
    (tmp_path / "file").touch()
    words = ("data", "audit", tmp_path / "splits.csv", "--out")
    code, said = run(monkeypatch, capsys, *words, tmp_path / "file" / "audit.json")
    assert code == 2
    file = tmp_path / "file"
    assert said == f"error: {file} cannot be used (File exists); check the path or give another.\n"
    code, said = run(monkeypatch, capsys, *words, tmp_path / "file" / "audits" / "audit.json")
    assert code == 2
    assert "cannot be used (Not a directory)" in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(
            "Can't write data (file write failed: errno = 28, error message = 'No space left on device')"
        ),
    ],
)
def test_a_full_disk_is_one_sentence(fault, monkeypatch, capsys):
    app_that_stops(fault, monkeypatch)
    code, said = run(monkeypatch, capsys)
    assert (code, said) == (2, "error: There is no space left; make room, or write to another disk.\n")


def app_that_stops(fault, monkeypatch):
    def command():
        raise fault

    broken = typer.Typer(pretty_exceptions_enable=False)
    broken.command()(command)
    monkeypatch.setattr("dermdistill.cli.app", broken)


def test_a_fault_that_names_no_path_is_not_hidden(monkeypatch):
    app_that_stops(OSError("a fault of the software"), monkeypatch)
    monkeypatch.setattr(sys, "argv", ["dermdistill"])
    with pytest.raises(OSError, match="a fault of the software"):
        main()


def test_a_letter_that_the_terminal_cannot_show_ends_no_command(monkeypatch):
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(cli, "app", lambda: print("N\xe4vus"))
    main()
    shown.flush()
    assert shown.buffer.getvalue() == b"N\\xe4vus\n"


def test_the_version_is_said_without_a_command(monkeypatch, capsys):
    from dermdistill import __version__

    monkeypatch.setattr(sys, "argv", ["dermdistill", "--version"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"dermdistill {__version__}\n"


def test_help_lists_the_commands_in_the_order_of_use_in_two_panels():
    said = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "100"}).output
    assert re.findall(r"─ (Use|Make) ─|│ ([a-z]+) {2,}\w", said) == [
        *(("", name) if name.islower() else (name, "") for name in ORDER.split())
    ]
