"""Weights kept as arrays by layer name, as PyTorch checkpoints hold them: `conv_stem.weight` and so on."""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ModelError

# Of a convolution, PyTorch keeps (out, in, height, width) and Keras (height, width, in, out); of a depthwise
# one, PyTorch keeps (channels, 1, height, width) and Keras (height, width, channels, 1).
_TO_KERAS = {keras.layers.Conv2D: (2, 3, 1, 0), keras.layers.DepthwiseConv2D: (2, 3, 0, 1)}
_NORM = ("weight", "bias", "running_mean", "running_var")


def load_npz_weights(backbone: Any, path: Path) -> None:
    """Fill every layer of a backbone that has weights; its names are the file's with `_` for `.`.

    Raises:
        ModelError: the file is no archive of arrays, lacks a layer's, or holds one of another shape.
    """
    try:
        with np.load(path) as stored:
            arrays = {name.replace(".", "_"): stored[name] for name in stored.files}
    except (OSError, ValueError, BadZipFile) as error:
        raise ModelError(f"{path} is no .npz archive of weights; check the path.") from error
    for layer in backbone.layers:
        if layer.weights:
            _fill(layer, arrays, path)


def _fill(layer: Any, arrays: dict[str, NDArray[Any]], path: Path) -> None:
    axes = _TO_KERAS.get(type(layer))
    names = [f"{layer.name}_weight"] if axes else [f"{layer.name}_{part}" for part in _NORM]
    if any(name not in arrays for name in names):
        raise ModelError(f"{path} has no weights for layer {layer.name!r}; it belongs to another network.")
    values = [arrays[name].astype(np.float32) for name in names]
    if axes:
        values = [value.transpose(axes) for value in values if value.ndim == len(axes)]
    if [value.shape for value in values] != [weight.shape for weight in layer.weights]:
        raise ModelError(f"{path} has other shapes for layer {layer.name!r}; it belongs to another network.")
    layer.set_weights(values)
