"""The head: class maps whose spatial mean plus a bias is the logit, so that the explanation costs nothing.

For a linear head on global average pooling this is the class activation map of Zhou et al. 2016
(arXiv:1512.04150), which equals Grad-CAM (arXiv:1610.02391) up to a positive factor before its ReLU.
"""

from typing import Any

import keras


@keras.saving.register_keras_serializable("dermdistill")
class AddBias(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """Adds one learned number per channel to the last axis."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the bias, all zero."""
        self.bias = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="bias")

    def call(self, inputs: Any) -> Any:
        """Return `inputs + bias`, same shape."""
        return inputs + self.bias


def attach_head(features: Any, num_classes: int, dropout: float) -> dict[str, Any]:
    """Turn features `[batch, height, width, channels]` into the three outputs of a model.

    Dropout removes whole channels, which is dropout on the pooled embedding.

    Returns:
        `logits [batch, num_classes]`, `class_maps [batch, height, width, num_classes]`,
        `embedding [batch, channels]`, all float32.
    """
    kept = keras.layers.SpatialDropout2D(dropout, dtype="float32")(features) if dropout else features
    class_maps = keras.layers.Conv2D(
        num_classes, 1, use_bias=False, kernel_initializer="zeros", dtype="float32", name="class_maps"
    )(kept)
    pooled = keras.layers.GlobalAveragePooling2D(dtype="float32", name="class_map_mean")(class_maps)
    return {
        "logits": AddBias(dtype="float32", name="logits")(pooled),
        "class_maps": class_maps,
        "embedding": keras.layers.GlobalAveragePooling2D(dtype="float32", name="embedding")(features),
    }
