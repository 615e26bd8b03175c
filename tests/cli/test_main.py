import sys

import pytest

from dermdistill.cli import main


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
