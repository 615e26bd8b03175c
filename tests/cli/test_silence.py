"""Commands say what they have to say, and the libraries below them nothing, unless --verbose asks for it."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow  # TensorFlow starts twice

COMMANDS = """
import sys
from dermdistill.cli import app

run, data, splits, out = sys.argv[1:5]
for words in (
    ["evaluate", run, "--resamples", "20"],
    ["export", run, "--format", "float32", "--resamples", "20"],
    ["reopen", "--bundle", f"{run}/bundle", "--data", data, "--splits", splits, "--out", out],
):
    app([*sys.argv[5:], *words], standalone_mode=False)
"""


def said(own_run, tiny_run_dir, out, *options):
    home = tiny_run_dir.parents[1]
    words = [own_run, home / "data", home / "splits.csv", out, *options]
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return done.stdout, done.stderr


def test_libraries_are_silent(own_run, tiny_run_dir, tmp_path):
    shown, errors = said(own_run, tiny_run_dir, tmp_path / "again")
    assert errors == ""
    assert "INFO" not in shown
    assert "Saved artifact" not in shown
    assert "it answers as the bundle's file on 100.0%" in shown


def test_verbose_lets_them_speak(own_run, tiny_run_dir, tmp_path):
    _, errors = said(own_run, tiny_run_dir, tmp_path / "again", "--verbose")
    assert "XNNPACK" in errors
