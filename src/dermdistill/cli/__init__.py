"""The command line: one file per noun; each parses, calls one function and prints."""

import errno
import io
import os
import re
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from dermdistill import __version__
from dermdistill.cli import compare, data, evaluate, explain, export, predict, reopen, serve, teach, train
from dermdistill.cli.evaluation import board
from dermdistill.cli.others import generate, rebalance, record, sweep
from dermdistill.cli.terminal import show_all_logs, silence_tensorflow
from dermdistill.errors import DermDistillError
from dermdistill.files import printable


class _InOrderOfUse(TyperGroup):
    """Typer puts groups behind all commands; data are prepared before anything is trained."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*_USE, "data", *_MAKE, "generate"]


app = typer.Typer(
    name="dermdistill",
    cls=_InOrderOfUse,
    help="Train, distil, evaluate, export and serve small skin-lesion classifiers. Research use only.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
# In the order of use. The modules are light: heavy imports wait inside their functions.
_USE: dict[str, Callable[..., None]] = {
    "predict": predict.command,
    "explain": explain.command,
    "serve": serve.command,
    "record": record.command,
}
_MAKE: dict[str, Callable[..., None]] = {
    "train": train.command,
    "teach": teach.command,
    "distill": train.distill,
    "sweep": sweep.command,
    "rebalance": rebalance.command,
    "evaluate": evaluate.command,
    "compare": compare.command,
    "board": board.command,
    "export": export.command,
    "reopen": reopen.command,
}
for _name, _function in _USE.items():
    app.command(_name, rich_help_panel="Use")(_function)
for _name, _function in _MAKE.items():
    app.command(_name, rich_help_panel="Make")(_function)
app.add_typer(data.app, name="data", rich_help_panel="Make")
app.add_typer(generate.app, name="generate", rich_help_panel="Make")


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"dermdistill {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Say which version this is, and stop.", is_eager=True, callback=_say_version
        ),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", help="Show what TensorFlow, XLA and LiteRT log, too.", envvar="DERMDISTILL_VERBOSE"
        ),
    ] = False,
) -> None:
    if verbose:
        show_all_logs()
    else:
        silence_tensorflow()


# What the lab half needs and the clinic half does without.
_LAB_PACKAGES = ("imblearn", "jax", "keras", "matplotlib", "pandas", "scipy", "sklearn", "tensorflow")


def main() -> None:
    """Run the command line; an error a person can act on becomes one sentence and exit code 2."""
    _check_empty(sys.argv)
    for stream in (sys.stdout, sys.stderr):
        # A letter that the terminal's encoding lacks ends no command.
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="backslashreplace")
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

    Console(stderr=True).print(f"error: {printable(sentence)}", markup=False, highlight=False, soft_wrap=True)
    sys.exit(2)
