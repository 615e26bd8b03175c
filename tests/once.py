"""What a session makes once, however many workers it has."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

MADE = "made"


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The session's folder of this name, which `make` has filled for whichever worker asked first.

    Workers run side by side: read what is there, and change a copy.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # of all workers
    folder = base / name
    with FileLock(base / f"{name}.lock"):
        if not (folder / MADE).exists():
            folder.mkdir()
            make(folder)
            (folder / MADE).touch()
    return folder
