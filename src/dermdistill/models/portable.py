"""A whole network's weights in one small file, to go on from: kernels as float16, the rest as float32.

It is an `.npz` archive: an array a weight, in the network's order, its last axis first (what was rounded by
channel compresses better so); `architecture`; `about`, where the weights come from, in words;
`training_images`, the ids of the images that they were trained on; and `learned_from`, the data sets.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zipfile import ZIP_LZMA, BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from dermdistill.data.lineage.learned_from import Lineage, to_json
from dermdistill.data.lineage.trace import ENTRY
from dermdistill.errors import ModelError
from dermdistill.files import written_whole

_FACTS = ("architecture", "about", "training_images", ENTRY)


def write_portable(path: Path, model: Any, *, about: str, seen: Iterable[str], learned_from: Lineage) -> None:
    """Write a network's weights, whole or not at all.

    Normalisation and biases stay float32: they are few, and a variance may be out of the range of float16.

    Args:
        path: the `.npz` file.
        model: keeps the model contract; its name is the architecture's.
        about: where the weights come from, in words.
        seen: ids of the images that the network, its start and its teachers learned from.
        learned_from: the data sets of these.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for number, weight in enumerate(model.weights):
        values = np.asarray(weight)
        kind = np.float16 if values.ndim > 1 else np.float32
        arrays[f"{number:04d}/{weight.path}"] = np.moveaxis(values.astype(kind), -1, 0)
    facts = {"architecture": model.name, "about": about, "training_images": sorted(set(seen))}
    facts[ENTRY] = to_json(learned_from)
    arrays |= {name: np.array(value, "U") for name, value in facts.items()}
    with written_whole(path) as temporary, ZipFile(temporary, "w", ZIP_LZMA) as archive:
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w") as entry:
                np.lib.format.write_array(entry, np.asarray(values, order="C"), allow_pickle=False)


def is_portable(path: Path) -> bool:
    """Whether a file holds a whole network's weights as `write_portable` writes them."""
    try:
        with ZipFile(path) as archive:
            return "architecture.npy" in archive.namelist()
    except (OSError, BadZipFile):
        return False


def load_portable(model: Any, path: Path) -> None:
    """Fill a network in place.

    Raises:
        ModelError: the file is of another network, or of another number of classes.
    """
    with np.load(path, allow_pickle=False) as stored:
        architecture = str(stored["architecture"])
        arrays = [stored[name].astype(np.float32) for name in stored.files if name not in _FACTS]
    values = [np.moveaxis(array, 0, -1) for array in arrays]
    if architecture != model.name:
        raise ModelError(
            f"{path} holds the weights of {architecture}, not of {model.name}; give another start."
        )
    if [value.shape for value in values] != [tuple(weight.shape) for weight in model.weights]:
        raise ModelError(
            f"{path} has weights of other shapes than {model.name} here: of other classes, perhaps."
        )
    model.set_weights(values)


def portable_seen(path: Path) -> frozenset[str]:
    """Ids of the images that the weights in a portable file were trained on; none for any other file."""
    if not is_portable(path):
        return frozenset()
    with np.load(path, allow_pickle=False) as stored:
        return frozenset(map(str, stored["training_images"]))
