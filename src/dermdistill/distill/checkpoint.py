"""A checkpoint: every variable and the position in training, in one file that is whole or not there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np

from dermdistill.errors import ModelError
from dermdistill.files import written_whole


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
