"""Where a model's weights start: ImageNet by download, a local file, an earlier run, or at random."""

import warnings
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ModelError
from dermdistill.models.portable import is_portable, load_portable
from dermdistill.models.registry import ModelSpec
from dermdistill.runs import BEST


def load_initial_weights(model: Any, backbone: Any, spec: ModelSpec, init: str) -> None:
    """Fill a fresh model's weights in place.

    Args:
        model: the whole model, with its head.
        backbone: the part of it that the registry built.
        spec: the architecture's specification.
        init: `none` (random); `imagenet` (downloads the backbone's weights); a backbone's `.weights.h5`; a
            legacy `.h5`, which fills layers by name and leaves the others random; an `.npz` in PyTorch's
            layout, of every layer by name, or of a whole model (see `portable`); or a run folder.

    Raises:
        ModelError: nothing fits: no such file, no ImageNet weights for it, or other shapes in the file.
    """
    if init == "none":
        return
    if init == "imagenet":
        _load_imagenet(backbone, spec)
        return
    path = Path(init)
    try:
        if path.is_dir():
            _load_whole(model, path / BEST)
        elif path.name.endswith(".weights.h5"):
            _load_whole(backbone, path)
        elif path.suffix == ".h5":
            _load_by_name(backbone, path)
        elif path.suffix == ".npz" and is_portable(path):
            load_portable(model, path)
        elif path.suffix == ".npz":
            load_npz_weights(backbone, path)
        else:
            raise ModelError(
                f"{init!r} is not a starting point for weights; give none, imagenet, a .weights.h5, .h5 or "
                ".npz file, or the folder of an earlier run."
            )
    except (OSError, ValueError, KeyError, UserWarning) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelError(f"The weights in {path} do not load into {backbone.name} ({reason}).") from error


def _load_whole(model: Any, path: Path) -> None:
    with warnings.catch_warnings():
        # Keras only warns when layers find nothing in the file and stay random.
        warnings.simplefilter("error", UserWarning)
        model.load_weights(path)


def _load_imagenet(backbone: Any, spec: ModelSpec) -> None:
    if spec.imagenet is None:
        raise ModelError(f"{backbone.name} has no ImageNet weights to download; give a file instead.")
    builder = getattr(keras.applications, spec.imagenet)
    try:
        settings = dict(spec.imagenet_settings)
        source = builder(weights="imagenet", include_top=False, input_shape=(224, 224, 3), **settings)
    except Exception as error:  # Keras raises a bare Exception when a download fails
        raise ModelError(
            f"The ImageNet weights of {spec.imagenet} could not be downloaded; check the network, or give "
            "a local file with --init FILE."
        ) from error
    if spec.imagenet_from or spec.imagenet_until:
        first = source.get_layer(spec.imagenet_from).input if spec.imagenet_from else source.input
        last = source.get_layer(spec.imagenet_until).output if spec.imagenet_until else source.output
        source = keras.Model(first, last)
    backbone.set_weights(source.get_weights())


def _load_by_name(backbone: Any, path: Path) -> None:
    before = [weight.copy() for weight in backbone.get_weights()]
    backbone.load_weights(path, by_name=True)
    unchanged = all((old == new).all() for old, new in zip(before, backbone.get_weights(), strict=True))
    if unchanged:
        raise ModelError(
            f"No layer in {path} has the name of a layer in {backbone.name}; nothing was loaded."
        )


_TO_KERAS = {keras.layers.Conv2D: (2, 3, 1, 0), keras.layers.DepthwiseConv2D: (2, 3, 0, 1)}
_NORM = ("weight", "bias", "running_mean", "running_var")


def load_npz_weights(backbone: Any, path: Path) -> None:
    """Fill every layer of a backbone that has weights; its names are the file's with `_` for `.`.

    Raises:
        ModelError: the file is not an archive of arrays, lacks a layer's, or holds one of another shape.
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
