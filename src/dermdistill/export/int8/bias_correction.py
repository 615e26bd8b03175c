"""Take back the constant error that rounding a kernel to int8 adds to a layer's output.

What a kernel reads is mostly positive after ReLU6, so the rounding errors of its weights do not average out.
They add `(rounded - exact) . mean(input)` to every output, and a deep network carries that to the logits. The
mean is measured on calibration images and taken off in the batch normalisation that follows.
Source: Nagel et al. 2019, arXiv:1906.04721, section 4.2.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

_BATCH = 8
_LEVELS = 127


def correct_bias(backbone: Any, scaled: NDArray[np.float32]) -> int:
    """Correct every kernel that a batch normalisation follows, in place; returns how many there are.

    Args:
        backbone: a Keras backbone.
        scaled: calibration images as the backbone sees them, `[n, size, size, 3]`.
    """
    pairs = [
        (layer, reader)
        for layer in backbone.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D)
        if (reader := normalisation_after(layer)) is not None
    ]
    if not pairs:
        return 0
    listener = keras.Model(backbone.input, [ops.mean(layer.input, axis=(0, 1, 2)) for layer, _ in pairs])
    batches = [scaled[start : start + _BATCH] for start in range(0, len(scaled), _BATCH)]
    heard = [listener.predict_on_batch(batch) for batch in batches if len(batch) == _BATCH]
    for position, (layer, normalisation) in enumerate(pairs):
        mean_input = np.mean([means[position] for means in heard], axis=0)
        error = added_by_rounding(np.asarray(layer.kernel), mean_input, _is_depthwise(layer))
        normalisation.moving_mean.assign(normalisation.moving_mean + error)
    return len(pairs)


def rounded(kernel: NDArray[np.floating], *, depthwise: bool) -> NDArray[np.float64]:
    """The kernel `[h, w, in, out]` (`[h, w, channels, 1]`) as symmetric int8 by output channel keeps it."""
    axes = (0, 1, 3) if depthwise else (0, 1, 2)
    step = np.maximum(np.abs(kernel).max(axis=axes, keepdims=True), 1e-12) / _LEVELS
    return np.asarray(np.rint(kernel / step) * step, np.float64)


def added_by_rounding(
    kernel: NDArray[np.floating], mean_input: NDArray[np.floating], depthwise: bool
) -> NDArray[np.float32]:
    """What rounding adds to each output channel `[out]` for a constant input `[in]`."""
    error = (rounded(kernel, depthwise=depthwise) - kernel).sum(axis=(0, 1))
    added = error[:, 0] * mean_input if depthwise else mean_input @ error
    return np.asarray(added, np.float32)


def _is_depthwise(layer: Any) -> bool:
    return isinstance(layer, keras.layers.DepthwiseConv2D)


def normalisation_after(layer: Any) -> Any | None:
    """The batch normalisation that alone reads a layer's output, None if there is none."""
    readers = [node.operation for node in layer._outbound_nodes]
    one = len(readers) == 1 and isinstance(readers[0], keras.layers.BatchNormalization)
    return readers[0] if one else None
