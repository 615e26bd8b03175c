"""A bundle made a run again: what goes on from a student needs its Keras network, not its file.

The file holds kernels with batch normalisation folded in. It is taken out again with statistics measured on
training images. Each channel's scale and shift undo these statistics, so the answers stay and a training can
go on normalising. An int8 file's kernels stay rounded to its 255 steps a channel.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dermdistill.bundle import BundleSpec
from dermdistill.errors import ModelError
from dermdistill.export.formats.litert import file_logits
from dermdistill.export.formats.quarter_turns import as_it_answers
from dermdistill.export.int8.bias_correction import normalisation_after
from dermdistill.export.int8.prepare import as_the_backbone_sees, unfold_scaling
from dermdistill.models import build_model
from dermdistill.models.freeze import backbone_of
from dermdistill.reopen.file_weights import FileWeights

_WITH_KERNEL = keras.layers.Conv2D | keras.layers.DepthwiseConv2D
_BATCH = 16
LEAST_AGREEMENT = 0.9


def reopen(spec: BundleSpec, model_bytes: bytes, images: NDArray[np.uint8]) -> Any:
    """Build the Keras network of a bundle, with the weights of its file.

    Args:
        spec: what bundle.json says; its training names the architecture.
        model_bytes: the LiteRT file, of any precision.
        images: training images `[n, size, size, 3]`, to measure the statistics of normalisation on.

    Raises:
        ModelError: the images have another size than the bundle's, or the file has other layers than that
            network, or layers that do not open again.
    """
    if images.shape[1] != spec.input.size:
        raise ModelError(
            f"The bundle {spec.name} looks at {spec.input.size} pixels, the prepared images have "
            f"{images.shape[1]}; give data prepared at that size."
        )
    model = build_model(spec.training.architecture, num_classes=len(spec.classes), image_size=spec.input.size)
    backbone = backbone_of(model)
    weights = FileWeights(model_bytes)
    shifts = _fill(model, [*backbone.layers, model.get_layer("class_maps")], weights, spec)
    shift, added = shifts.pop("class_maps"), weights.added("logits")
    model.get_layer("logits").bias.assign(shift if added is None else shift + added)
    if spec.quantization == "int8":
        unfold_scaling(model)
    _take_normalisation_out(model, backbone, shifts, images)
    return model


def agreement(
    model: Any, model_bytes: bytes, images: NDArray[np.uint8], *, quarter_turns: bool = False
) -> float:
    """Share of images on which a network and a file have the same argmax class.

    Args:
        model: keeps the model contract.
        model_bytes: the file.
        images: `[n, size, size, 3]`.
        quarter_turns: the file answers as `over_quarter_turns(model)` does.

    Raises:
        ModelError: they agree on so few that the network cannot be the file's.
    """
    asked = as_it_answers(model, quarter_turns=quarter_turns)
    logits = asked.predict(images, batch_size=_BATCH, verbose=0)["logits"]
    same = float(np.mean(logits.argmax(axis=1) == file_logits(model_bytes, images).argmax(axis=1)))
    if same < LEAST_AGREEMENT:
        raise ModelError(
            f"{model.name}, made of the bundle's file, answers as the file on only {same:.1%} of "
            f"{len(images)} images ({LEAST_AGREEMENT:.0%} are needed), so it was not reopened; train it anew."
        )
    return same


def _fill(
    model: Any, layers: list[Any], weights: FileWeights, spec: BundleSpec
) -> dict[str, NDArray[np.float32]]:
    """Give layers their kernels; returns the biases that they have no place for, by layer."""
    layers = [layer for layer in layers if isinstance(layer, _WITH_KERNEL)]
    found = weights.kernels([layer.name for layer in layers])
    shifts = {}
    for layer in layers:
        if layer.name not in found or found[layer.name][0].shape != tuple(layer.kernel.shape):
            raise ModelError(
                f"The file of the bundle {spec.name} has no kernel that fits layer {layer.name!r} of "
                f"{model.name}; it holds another network, or one that cannot be reopened."
            )
        kernel, bias = found[layer.name]
        layer.kernel.assign(kernel)
        if layer.use_bias:
            layer.bias.assign(bias)
        else:
            shifts[layer.name] = bias
    return shifts


def _take_normalisation_out(
    model: Any, backbone: Any, shifts: dict[str, NDArray[np.float32]], images: NDArray[np.uint8]
) -> None:
    """Put each bias into the normalisation after its kernel, and the statistics of real images beside it."""
    layers = [backbone.get_layer(name) for name in shifts]
    norms: list[Any] = [normalisation_after(layer) for layer in layers]
    others = [
        layer
        for layer in backbone.layers
        if isinstance(layer, keras.layers.BatchNormalization) and layer not in norms
    ]
    if others or not all(norm is not None and norm.scale for norm in norms):
        raise ModelError(
            f"The layers of {model.name} are not kernels without bias, each with a normalisation that "
            "scales; a network of this kind cannot be reopened."
        )
    for layer, norm in zip(layers, norms, strict=True):
        _set(norm, mean=0, variance=1 - norm.epsilon, gamma=1, beta=shifts[layer.name])
    scaled = as_the_backbone_sees(model, images)
    statistics = _moments(backbone, [layer.output for layer in layers], scaled)
    for layer, norm, (mean, variance) in zip(layers, norms, statistics, strict=True):
        deviation = np.sqrt(variance + norm.epsilon)
        _set(norm, mean=mean, variance=variance, gamma=deviation, beta=mean + shifts[layer.name])


def _moments(
    backbone: Any, tensors: list[Any], scaled: NDArray[np.float32]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Mean and variance of each channel of each tensor over all images and places, in one pass."""
    squares = [ops.square(tensor) for tensor in tensors]
    heard = [ops.mean(tensor, axis=(1, 2)) for tensor in [*tensors, *squares]]
    listener = keras.Model(backbone.input, heard)
    parts = [listener.predict_on_batch(scaled[at : at + _BATCH]) for at in range(0, len(scaled), _BATCH)]
    means = [np.concatenate(values).mean(axis=0, dtype=np.float64) for values in zip(*parts, strict=True)]
    halves = zip(means[: len(tensors)], means[len(tensors) :], strict=True)
    return [(mean, np.maximum(square - mean**2, 0)) for mean, square in halves]


def _set(norm: Any, *, mean: Any, variance: Any, gamma: Any, beta: Any) -> None:
    for weight, values in (
        (norm.moving_mean, mean),
        (norm.moving_variance, variance),
        (norm.gamma, gamma),
        (norm.beta, beta),
    ):
        weight.assign(np.broadcast_to(values, weight.shape))
