"""A generator of pictures by class, and the discriminator that it learns from."""

from typing import Any

import keras

from dermdistill.generate.layers import SpectralLayer, Styled
from dermdistill.generate.recipe import NetworkSection

_FIRST = 4  # pixels of the smallest feature maps
_MOST_CHANNELS = 256
_STYLE = 128


def build_generator(settings: NetworkSection, *, num_classes: int, image_size: int) -> Any:
    """A `keras.Model` from `[noise [b, n], labels int [b]]` to RGB float `[b, size, size, 3]`, -1 to 1."""
    noise, label = keras.Input((settings.noise,), name="noise"), keras.Input((), dtype="int32", name="label")
    style = keras.layers.Concatenate()([noise, keras.layers.Embedding(num_classes, 32)(label)])
    style = _bent(keras.layers.Dense(_STYLE)(style))
    size = _FIRST
    channels = _channels(settings.width, image_size, size)
    features = keras.layers.Dense(size * size * channels)(style)
    features = keras.layers.Reshape((size, size, channels))(features)
    while size < image_size:
        size *= 2
        channels = _channels(settings.width, image_size, size)
        features = keras.layers.Conv2DTranspose(channels, 4, strides=2, padding="same")(features)
        features = _bent(Styled()(features, style))
    picture = keras.layers.Conv2D(3, 3, padding="same", activation="tanh")(features)
    return keras.Model([noise, label], picture, name="generator")


def build_discriminator(settings: NetworkSection, *, num_classes: int, image_size: int) -> Any:
    """A `keras.Model` from `[images float [b, size, size, 3] -1 to 1, labels int [b]]` to a score `[b]`.

    Its score is `w h + embedding(label) h`: the projection discriminator (arXiv:1802.05637).
    """
    image = keras.Input((image_size, image_size, 3), name="image")
    label = keras.Input((), dtype="int32", name="label")
    features, size, channels = image, image_size, settings.critic_width
    while size > _FIRST:
        features = _bent(SpectralLayer(min(_MOST_CHANNELS, channels), 4, strides=2)(features))
        size, channels = size // 2, channels * 2
    pooled = keras.ops.mean(features, axis=(1, 2))
    by_class = keras.layers.Embedding(num_classes, pooled.shape[-1])(label)
    score = SpectralLayer(1)(pooled)[:, 0] + keras.ops.sum(by_class * pooled, axis=-1)
    return keras.Model([image, label], score, name="discriminator")


def _channels(width: int, image_size: int, size: int) -> int:
    return min(_MOST_CHANNELS // 2, width * image_size // size)


def _bent(features: Any) -> Any:
    return keras.layers.LeakyReLU(0.2)(features)
