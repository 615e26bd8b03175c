"""`--plugin my.py`: models and losses of one's own, registered before a recipe is checked."""

import runpy
import traceback
from collections.abc import Iterable
from pathlib import Path

from dermdistill.errors import DermDistillError, RecipeError


def load_plugins(paths: Iterable[Path] | None) -> None:
    """Run each file; what it registers can be named by recipes from then on.

    Raises:
        RecipeError: a file raises an error; the message names file and line.
    """
    for path in paths or ():
        try:
            runpy.run_path(str(path), run_name=path.stem)
        except Exception as error:
            raise RecipeError(
                f"The plugin {path} fails in line {_line_of(error, path)}: {_said(error)}"
            ) from error


def _line_of(error: Exception, path: Path) -> int:
    """The last line of the file that took part."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 0
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    return (lines[-1] or 0) if lines else 0


def _said(error: Exception) -> str:
    if isinstance(error, DermDistillError):
        return str(error)
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}."
