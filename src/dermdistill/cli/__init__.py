"""The command line: one file per noun; each parses, calls one function and prints."""

import errno
import os
import re
import sys
from importlib import import_module
from itertools import pairwise

import typer

from dermdistill.errors import DermDistillError

app = typer.Typer(
    name="dermdistill",
    help="Train, distil, evaluate, export and serve small skin-lesion classifiers. Research use only.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# Each noun's module is light: heavy imports wait inside its function.
for _noun in (
    "pretrain",
    "train",
    "teach",
    "distill",
    "evaluate",
    "compare",
    "export",
    "reopen",
    "predict",
    "explain",
    "serve",
):
    app.command(_noun)(import_module(f"dermdistill.cli.{_noun}").command)
app.add_typer(import_module("dermdistill.cli.data").app, name="data")


# What the lab half needs and the clinic half does without.
_LAB_PACKAGES = ("jax", "keras", "matplotlib", "pandas", "scipy", "sklearn", "tensorflow")


def main() -> None:
    """Run the command line; an error a person can act on becomes one sentence and exit code 2."""
    _check_empty(sys.argv)
    try:
        app()
    except DermDistillError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        if error.name not in _LAB_PACKAGES:
            raise
        _fail(f"This command needs {error.name}, which is not installed; pip install 'dermdistill[train]'.")
    except OSError as error:
        if error.errno == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(error):  # HDF5 tells it in words
            where = f" for {error.filename}" if error.filename else ""
            _fail(f"There is no space left{where}; make room, or write to another disk.")
        if error.filename is None:  # no path that a person could mend
            raise
        _fail(f"{error.filename} cannot be used ({error.strerror or error}); check the path or give another.")


def _check_empty(words: list[str]) -> None:
    """Refuse an empty word, as an unset variable leaves: as a path it would be the current folder."""
    for before, word in pairwise(words):
        if not word or re.fullmatch("--[a-z-]+=", word):
            _fail(f"What follows {word or before} is empty; give a value, or leave it out.")


def _fail(sentence: str) -> None:
    from rich.console import Console

    Console(stderr=True).print(f"error: {sentence}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(2)
