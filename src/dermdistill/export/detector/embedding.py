"""An embedding for the detector that also holds what the network saw before its end.

A student that was trained for long maps every picture onto the lesions it knows. Its earlier feature maps,
which answer to texture and shape, still tell a page of text from skin. So the means of the last
residual sums of its two widest stages are appended, each scaled to the variance of the embedding. Still
earlier ones tell more, and refuse lesions whose picture is compressed, noisy or framed in black
(docs/decisions/0011-a-detector-that-looks-at-earlier-layers.md).
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

STAGES = 2
_BATCH = 8


def with_layered_embedding(model: Any, images: NDArray[np.uint8]) -> Any:
    """Return a copy of `model` with a longer `embedding`; a network without residual sums stays as it is.

    Args:
        model: keeps the model contract, and stays as it is.
        images: training images `[n, size, size, 3]`, whose features set the scales.
    """
    backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    sums = last_sums(backbone)
    if not sums:
        return model
    longer = _lengthened(model, backbone.name, sums)
    batches = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
    variances = np.concatenate([longer.predict_on_batch(batch)["embedding"] for batch in batches]).var(axis=0)
    factors = [longer.get_layer(backbone.name).get_layer(_factor_of(name)).kernel for name in sums]
    ends = np.cumsum([model.output["embedding"].shape[-1], *(factor.shape[2] for factor in factors)])
    spread, *others = (part.sum() for part in np.split(variances, ends[:-1]))
    for factor, other in zip(factors, others, strict=True):
        factor.assign(factor * np.sqrt(spread / max(other, 1e-12)))
    return longer


def last_sums(backbone: Any, stages: int = STAGES) -> list[str]:
    """Names of the last `keras.layers.Add` of each of the widest stages, narrow to wide."""
    last: dict[int, str] = {}
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.Add):
            last[int(layer.output.shape[-1])] = layer.name
    return [last[width] for width in sorted(last)][-stages:]


def _lengthened(model: Any, backbone_name: str, sums: list[str]) -> Any:
    """A copy of `model` whose embedding holds the means of the sums behind its own, not yet scaled."""
    means: list[Any] = []

    def copied(layer: Any) -> Any:
        if layer.name != backbone_name:
            return layer.__class__.from_config(layer.get_config())
        copy = keras.models.clone_model(layer)
        copy.set_weights(layer.get_weights())
        weighed = [_weighed_mean(copy.get_layer(name)) for name in sums]
        return keras.Model(copy.input, [copy.output, *weighed], name=backbone_name)

    def called(layer: Any, *args: Any, **kwargs: Any) -> Any:
        answer = layer(*args, **kwargs)
        if layer.name != backbone_name:
            return answer
        features, *found = answer
        means.extend(found)
        return features

    copy = keras.models.clone_model(model, clone_function=copied, call_function=called)
    for layer in model.layers:
        if layer.name != backbone_name:
            copy.get_layer(layer.name).set_weights(layer.get_weights())
    embedding = ops.concatenate([copy.output["embedding"], *means], axis=-1)
    return keras.Model(copy.input, {**copy.output, "embedding": embedding}, name=model.name)


def _weighed_mean(layer: Any) -> Any:
    """Mean over space of a layer's channels, each times a factor, now 1.

    The factors are a kernel and no product, so that what rescales channels for int8 finds and divides them.
    """
    factor = keras.layers.DepthwiseConv2D(
        1, use_bias=False, depthwise_initializer="ones", name=_factor_of(layer.name)
    )
    return keras.layers.GlobalAveragePooling2D(name=f"{layer.name}_mean")(factor(layer.output))


def _factor_of(name: str) -> str:
    return f"{name}_factor"
