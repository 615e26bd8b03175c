"""Freezing the first layers of a backbone: they keep their weights and their batch-norm statistics."""

from typing import Any

import keras

from dermdistill.errors import ModelError


def backbone_of(model: Any) -> Any:
    """The part of a built model that comes from the registry."""
    return next(layer for layer in model.layers if isinstance(layer, keras.Model))


def freeze_until(model: Any, layer_name: str | None) -> None:
    """Make the backbone's layers up to and including `layer_name` untrainable, all others trainable.

    Raises:
        ModelError: the backbone has no such layer.
    """
    layers = backbone_of(model).layers
    names = [layer.name for layer in layers]
    if layer_name is not None and layer_name not in names:
        raise ModelError(
            f"{backbone_of(model).name} has no layer {layer_name!r} to freeze until; its layers are "
            f"{', '.join(names[:: max(1, len(names) // 12)])} and those between."
        )
    last_frozen = -1 if layer_name is None else names.index(layer_name)
    for number, layer in enumerate(layers):
        layer.trainable = number > last_frozen


def set_batch_norm_momentum(model: Any, momentum: float) -> None:
    """Set how slowly batch-norm statistics follow the batches.

    Some of keras.applications use .999, at which the statistics lag hundreds of steps behind the weights.
    """
    for layer in backbone_of(model).layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = momentum
