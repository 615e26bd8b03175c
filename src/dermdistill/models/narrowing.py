"""A narrow network's start from a wide one's weights: the strongest channels of each layer, as they are.

For where narrow ImageNet weights cannot be downloaded (filter pruning, Li et al. 2017, arXiv:1608.08710).
Batch norm's statistics were of the whole; the first steps of training put them right.
"""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ModelError

Channels = NDArray[np.int64]


def narrow_weights(wide: Any, narrow: Any) -> None:
    """Fill `narrow` in place from `wide`, a network of the same layers, by name, as wide or wider.

    A filter's strength is the sum of its absolute weights, times what batch norm multiplies it by. What is
    added along a residual connection keeps the channels of the connection.

    Raises:
        ModelError: a layer of the narrow network is missing in the wide one, or less wide there.
    """
    kept: dict[str, Channels] = {}
    for layer in narrow.layers:
        before = [kept[name] for name in _inputs(layer)]
        if not layer.weights:
            kept[layer.name] = before[0] if before else np.arange(layer.output.shape[-1])
            continue
        source = _same_layer(wide, layer, narrow.name)
        stored = source.get_weights()
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            kept[layer.name] = before[0]
            values = [stored[0][:, :, before[0], :]]
        elif isinstance(layer, keras.layers.Conv2D):
            kernel = stored[0][:, :, before[0], :]
            chosen = _along_residual(layer, kept)
            if chosen is None:
                chosen = _strongest(kernel, _norm_after(source), layer.filters)
            kept[layer.name] = chosen
            values = [kernel[..., chosen]]
        else:
            kept[layer.name] = before[0]
            values = [value[before[0]] for value in stored]
        layer.set_weights(values)


def _same_layer(wide: Any, layer: Any, narrow_name: str) -> Any:
    found = {source.name: source for source in wide.layers}.get(layer.name)
    shapes = [weight.shape for weight in layer.weights]
    if found is None or any(
        large < small
        for one, other in zip(found.weights, shapes, strict=True)
        for large, small in zip(one.shape, other, strict=True)
    ):
        raise ModelError(
            f"Layer {layer.name!r} of {narrow_name} has no counterpart in {wide.name} that is as wide; "
            "narrow a network of the same family."
        )
    return found


def _strongest(kernel: NDArray[np.float32], norm: Any, count: int) -> Channels:
    """Numbers of the `count` output channels `[..., out]` that are strongest, in their old order."""
    gamma, _, _, variance = norm.get_weights()
    strength = np.abs(kernel).sum((0, 1, 2)) * np.abs(gamma) / np.sqrt(variance + norm.epsilon)
    return np.sort(np.argsort(-strength, kind="stable")[:count])


def _along_residual(convolution: Any, kept: dict[str, Channels]) -> Channels | None:
    """The channels of what a convolution's normalised output is added to, if it is added to something."""
    (after,) = _consumers(_norm_after(convolution))[:1] or (None,)
    if not isinstance(after, keras.layers.Add):
        return None
    return next((kept[name] for name in _inputs(after) if name in kept), None)


def _norm_after(convolution: Any) -> Any:
    (norm,) = _consumers(convolution)
    return norm


def _inputs(layer: Any) -> list[str]:
    """Names of the layers whose outputs a layer takes; empty for an input."""
    return [tensor._keras_history.operation.name for tensor in layer._inbound_nodes[0].input_tensors]


def _consumers(layer: Any) -> list[Any]:
    return [node.operation for node in layer._outbound_nodes]
