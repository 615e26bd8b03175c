"""Where a model's weights start: ImageNet by download, a local file, an earlier run, or at random."""

import warnings
from pathlib import Path
from typing import Any

import keras

from dermdistill.errors import ModelError
from dermdistill.models.npz_weights import load_npz_weights
from dermdistill.models.registry import ModelSpec
from dermdistill.run_files import BEST


def load_initial_weights(model: Any, backbone: Any, spec: ModelSpec, init: str) -> None:
    """Fill a fresh model's weights in place.

    Args:
        model: the whole model, with its head.
        backbone: the part of it that the registry built.
        spec: the architecture's specification.
        init: `none` (random), `imagenet` (downloads the backbone's weights), a backbone's `.weights.h5`, a
            legacy `.h5` (filled by layer name, the other layers stay random), an `.npz` in PyTorch's layout
            (every layer, by name), or a run folder (the whole model).

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
        elif path.suffix == ".npz":
            load_npz_weights(backbone, path)
        else:
            raise ModelError(
                f"{init!r} is no starting point for weights; give none, imagenet, a .weights.h5, .h5 or "
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
