"""Where a training stands, and its checkpoint: every variable too, in one file that is whole or not there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np

from dermdistill.errors import ModelError
from dermdistill.files import written_whole


@dataclass
class Position:
    """Where a training stands; all that a checkpoint must know beside the variables.

    Attributes:
        best: metric and macro-AUC of the best epoch of this phase so far.
        stale_epochs: epochs since the metric last rose.
        sums: losses of the steps of this epoch, by name.
    """

    phase: int = 0
    phase_epoch: int = 0
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    sums: dict[str, float] = field(default_factory=dict)
    best: list[float] | None = None
    stale_epochs: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


def stored_position(path: Path) -> Position | None:
    """The position in a checkpoint; None when there is no checkpoint yet.

    Raises:
        ModelError: the file is damaged.
    """
    stored = read_position(path)
    return None if stored is None else Position(**stored)


def finished_position(phases: int, history: list[dict[str, Any]], best: list[float] | None) -> Position:
    """Where a finished training goes on when its last phase is given more epochs."""
    last = phases - 1
    done = sum(line["phase"] == last for line in history)
    return Position(phase=last, phase_epoch=done, epoch=len(history), best=best, history=history)


def save_checkpoint(path: Path, groups: Mapping[str, Sequence[Any]], position: dict[str, Any]) -> None:
    """Write the values of each named group of variables, in order, and the JSON-able `position`."""
    arrays = {
        f"{name}/{number:05d}": keras.ops.convert_to_numpy(variable.value)
        for name, variables in groups.items()
        for number, variable in enumerate(variables)
    }
    with written_whole(path) as temporary, temporary.open("wb") as file:
        np.savez(file, position=np.array(json.dumps(position)), **arrays)


def read_position(path: Path) -> dict[str, Any] | None:
    """Read only the position of a checkpoint; None when there is no checkpoint yet.

    Raises:
        ModelError: the file is damaged.
    """
    if not path.exists():
        return None
    with _opened(path) as stored:
        position: dict[str, Any] = json.loads(str(stored["position"]))
    return position


def restore_group(path: Path, name: str, variables: Sequence[Any]) -> None:
    """Assign the stored values of a group to `variables`, the same as were saved, in the same order.

    Raises:
        ModelError: the file is damaged, or number or shapes differ, so the checkpoint is of another recipe.
    """
    with _opened(path) as stored:
        keys = sorted(key for key in stored.files if key.startswith(f"{name}/"))
        values = [stored[key] for key in keys]
    if [value.shape for value in values] != [tuple(variable.shape) for variable in variables]:
        raise ModelError(f"{path} is the checkpoint of another recipe; train under another name.")
    for value, variable in zip(values, variables, strict=True):
        variable.assign(value)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The arrays of a checkpoint, while they are read."""
    try:
        with path.open("rb") as file, np.load(file) as stored:
            yield stored
    except (BadZipFile, EOFError, KeyError, ValueError) as error:
        raise ModelError(f"{path} is damaged; remove it to start the training again.") from error
