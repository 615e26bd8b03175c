"""Give a branch that is always silent something to say which nobody reads.

The squeeze of a squeeze-and-excitation block may have died in training: its ReLU is 0 for every image. Its
activations then have no range, the converter gives them a step near 0, and XNNPACK refuses to scale by its
inverse. One channel is set to 1 for good, and what reads it reads 0 instead: the answers stay.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

_BATCH = 8


def wake_silent_branches(backbone: Any, scaled: NDArray[np.float32]) -> int:
    """Change kernels and biases in place where a convolution's ReLU is always 0; returns how many there are.

    Args:
        backbone: a Keras backbone.
        scaled: calibration images as the backbone sees them, `[n, size, size, 3]`.
    """
    branches = [
        (layer, relu, reader)
        for layer in backbone.layers
        if isinstance(layer, keras.layers.Conv2D) and layer.use_bias
        if isinstance(relu := _only_reader(layer), keras.layers.ReLU)
        if isinstance(reader := _only_reader(relu), keras.layers.Conv2D)
    ]
    if not branches:
        return 0
    listener = keras.Model(backbone.input, [ops.max(relu.output) for _, relu, _ in branches])
    batches = [scaled[start : start + _BATCH] for start in range(0, len(scaled), _BATCH)]
    loudest = np.max([listener.predict_on_batch(batch) for batch in batches], axis=0).reshape(-1)
    silent = [branch for branch, peak in zip(branches, loudest, strict=True) if peak == 0]
    for layer, _, reader in silent:
        weights = layer.kernel, layer.bias, reader.kernel
        kernel, bias, reading = (np.array(ops.convert_to_numpy(each)) for each in weights)
        kernel[..., 0], bias[0], reading[:, :, 0] = 0, 1, 0
        layer.kernel.assign(kernel)
        layer.bias.assign(bias)
        reader.kernel.assign(reading)
    return len(silent)


def _only_reader(layer: Any) -> Any | None:
    readers = [node.operation for node in layer._outbound_nodes]
    return readers[0] if len(readers) == 1 else None
