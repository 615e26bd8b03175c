"""A network of a few thousand weights: to try a recipe in seconds, and for tests. It is no student."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model("tiny_cnn", ModelSpec(scaling="minus_one_to_one", source="DermDistill"))
def tiny_cnn() -> Any:
    """Build three strided convolutions with batch normalisation: every kind of state a student has."""
    image = keras.Input((None, None, 3))
    x = image
    for number, filters in enumerate((8, 16, 32), start=1):
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False, name=f"conv_{number}")(
            x
        )
        x = keras.layers.BatchNormalization(momentum=0.9, name=f"norm_{number}")(x)
        x = keras.layers.ReLU(name=f"relu_{number}")(x)
    return keras.Model(image, x, name="tiny_cnn")
