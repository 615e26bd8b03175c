"""Rescale channels inside a student so that int8 has as many steps for a quiet channel as for a loud one.

Int8 gives one scale to a whole activation tensor. So a channel that never leaves 0-0.5 in a tensor of 0-6
keeps 21 of its 256 steps. Between a batch normalisation and the convolutions that read it everything is
positively homogeneous. So multiplying a channel by s and the reading kernels by 1/s changes nothing in float
arithmetic. ReLU6 then cuts at 6/s, so s leaves a margin above the largest value seen.

A channel that was hardly ever heard can have large weights. Multiplied, their step would be 256 times the
step of the output or more, and XNNPACK refuses such a file. So s also keeps the weights small enough.
Source: Nagel et al. 2019, arXiv:1906.04721 (cross-layer equalisation), here set by activations.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

_MARGIN = 1.1
_LARGEST_SCALE = 64.0
# Largest weight after a batch normalisation is folded into its kernel. Its step, 1/127 of it, is then 4.
# Times the input's step it stays below 256 times the output's while the input's range is at most 60 times
# the output's.
_LARGEST_WEIGHT = 500.0
_BATCH = 8


@dataclass
class _Group:
    """Layers whose outputs share their channels' scales: joined by activations, paddings and additions."""

    layers: list[Any] = field(default_factory=list)
    readers: list[Any] = field(default_factory=list)

    @property
    def sources(self) -> list[Any]:
        return [layer for layer in self.layers if isinstance(layer, keras.layers.BatchNormalization)]

    @property
    def ceiling(self) -> float | None:
        """Where the group's ReLU cuts, None if nowhere."""
        cuts = [layer.max_value for layer in self.layers if isinstance(layer, keras.layers.ReLU)]
        return next((float(cut) for cut in cuts if cut is not None), None)


def equalise(backbone: Any, scaled: NDArray[np.float32]) -> int:
    """Equalise the channels of a Keras backbone in place; returns the number of groups rescaled.

    Args:
        backbone: a Keras backbone.
        scaled: calibration images as the backbone sees them, `[n, size, size, 3]`.
    """
    groups = [group for group in _groups(backbone) if _can_be_scaled(group, backbone)]
    if groups:
        for group, loudest in zip(groups, _loudest(backbone, groups, scaled), strict=True):
            _rescale(group, loudest)
    return len(groups)


def _groups(backbone: Any) -> list[_Group]:
    """Layers joined by what passes a channel's scale on, and the kernels that read them."""
    parent: dict[str, str] = {layer.name: layer.name for layer in backbone.operations}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    passes = (keras.layers.ReLU, keras.layers.ZeroPadding2D, keras.layers.Add)
    for layer in backbone.operations:
        if isinstance(layer, passes):
            for source in _inputs(layer):
                parent[root(layer.name)] = root(source.name)
    groups: dict[str, _Group] = defaultdict(_Group)
    for layer in backbone.operations:
        groups[root(layer.name)].layers.append(layer)
        if not isinstance(layer, passes):
            for source in _inputs(layer):
                groups[root(source.name)].readers.append(layer)
    return list(groups.values())


def _inputs(layer: Any) -> list[Any]:
    return [tensor._keras_history.operation for tensor in keras.tree.flatten(layer.input)]


def _can_be_scaled(group: _Group, backbone: Any) -> bool:
    """Only what starts in batch normalisations, is read by kernels alone and does not leave the backbone."""
    passes = (
        keras.layers.BatchNormalization,
        keras.layers.ReLU,
        keras.layers.ZeroPadding2D,
        keras.layers.Add,
    )
    kernels = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)
    leaves = {tensor._keras_history.operation.name for tensor in keras.tree.flatten(backbone.output)}
    return (
        bool(group.readers)
        and all(isinstance(layer, passes) for layer in group.layers)
        and all(isinstance(layer, kernels) for layer in group.readers)
        and not leaves & {layer.name for layer in group.layers}
    )


def _loudest(backbone: Any, groups: list[_Group], scaled: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Largest absolute value of each channel over the images: one `[channels]` a group.

    In a group with a ReLU only what comes out of it counts; what is below 0 is cut anyway.
    """
    heard = []
    for group in groups:
        kinds = (keras.layers.ReLU,) if group.ceiling else (keras.layers.BatchNormalization, keras.layers.Add)
        peaks = [
            ops.max(ops.abs(layer.output), axis=(1, 2)) for layer in group.layers if isinstance(layer, kinds)
        ]
        heard.append(ops.max(ops.stack(peaks), axis=0))
    listener = keras.Model(backbone.input, heard)
    parts = [
        listener.predict_on_batch(scaled[start : start + _BATCH]) for start in range(0, len(scaled), _BATCH)
    ]
    return [np.concatenate(values).max(axis=0) for values in zip(*parts, strict=True)]


def _rescale(group: _Group, loudest: NDArray[np.float32]) -> None:
    target = group.ceiling or float(loudest.max())
    wanted = target / np.maximum(_MARGIN * loudest, 1e-6)
    largest = np.max([_largest_weights(layer) for layer in group.sources], axis=0)
    most = np.minimum(_LARGEST_SCALE, _LARGEST_WEIGHT / np.maximum(largest, 1e-6))
    scale = np.maximum(np.minimum(wanted, most), 1.0).astype(np.float32)
    for layer in group.sources:
        layer.gamma.assign(layer.gamma * scale)
        layer.beta.assign(layer.beta * scale)
    for layer in group.readers:
        # Both kinds of kernel have the channels they read on their third axis.
        layer.kernel.assign(layer.kernel / scale[None, None, :, None])


def _largest_weights(normalisation: Any) -> NDArray[np.float32]:
    """Largest absolute weight of each channel `[channels]`, with the normalisation folded into the kernel."""
    (layer,) = _inputs(normalisation)
    variance = ops.convert_to_numpy(normalisation.moving_variance)
    gain = np.abs(ops.convert_to_numpy(normalisation.gamma)) / np.sqrt(variance + normalisation.epsilon)
    if not isinstance(layer, keras.layers.Conv2D | keras.layers.DepthwiseConv2D):
        return np.asarray(gain, np.float32)  # nothing to fold into
    kernel = np.abs(ops.convert_to_numpy(layer.kernel))
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    return np.asarray(kernel.max(axis=(0, 1, 3) if depthwise else (0, 1, 2)) * gain, np.float32)
