"""Layers of the two networks that Keras has not, or has otherwise."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("dermdistill")
class SpectralLayer(keras.layers.Layer):  # type: ignore[misc]  # Keras ships no types
    """A kernel that is divided by its largest singular value (arXiv:1802.05957), by one power iteration.

    Args:
        filters: channels of the output.
        kernel_size: side of the kernel of a convolution; 0 is a matrix for `[batch, features]`.
        strides: of the convolution.
    """

    def __init__(self, filters: int, kernel_size: int = 0, strides: int = 1, **settings: Any) -> None:
        super().__init__(**settings)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create kernel, bias and the first guess of the singular vector."""
        window = (self.kernel_size, self.kernel_size) if self.kernel_size else ()
        self.kernel = self.add_weight(
            shape=(*window, input_shape[-1], self.filters), initializer="glorot_uniform", name="kernel"
        )
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")
        self.vector = self.add_weight(
            shape=(self.filters,), initializer="random_normal", trainable=False, name="vector"
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Convolve or multiply with the normalised kernel, and add the bias."""
        matrix = ops.reshape(self.kernel, (-1, self.filters))
        left = _unit(ops.matmul(matrix, self.vector))
        right = _unit(ops.matmul(left, matrix))
        if training:
            self.vector.assign(ops.stop_gradient(right))
        left, right = ops.stop_gradient(left), ops.stop_gradient(right)
        kernel = self.kernel / ops.sum(left * ops.matmul(matrix, right))
        if self.kernel_size:
            return ops.conv(inputs, kernel, strides=self.strides, padding="same") + self.bias
        return ops.matmul(inputs, kernel) + self.bias

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Height and width, where there are any, divided by the strides."""
        places = [None if side is None else -(-side // self.strides) for side in input_shape[1:-1]]
        return (input_shape[0], *places, self.filters)


@keras.saving.register_keras_serializable("dermdistill")
class Styled(keras.layers.Layer):  # type: ignore[misc]
    """Each channel at mean 0 and deviation 1 in each picture, then scaled and shifted by a style.

    Adaptive instance normalisation (arXiv:1703.06868). Unlike batch normalisation it makes a picture depend
    on no other of its batch.
    """

    def build(self, features_shape: tuple[int, ...], style_shape: tuple[int, ...]) -> None:
        """Create what makes a scale and a shift of a style."""
        channels = features_shape[-1]
        self.kernel = self.add_weight(shape=(style_shape[-1], 2 * channels), initializer="glorot_uniform")
        self.bias = self.add_weight(shape=(2 * channels,), initializer="zeros")

    def call(self, features: Any, style: Any) -> Any:
        """Features `[batch, height, width, channels]` in a style `[batch, n]`; same shape."""
        mean = ops.mean(features, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(features - mean), axis=(1, 2), keepdims=True)
        scale, shift = ops.split((ops.matmul(style, self.kernel) + self.bias)[:, None, None, :], 2, axis=-1)
        return (features - mean) / ops.sqrt(variance + 1e-5) * (1 + scale) + shift

    def compute_output_shape(
        self, features_shape: tuple[int | None, ...], style_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        """That of the features."""
        del style_shape
        return features_shape


def _unit(vector: Any) -> Any:
    return vector / (ops.norm(vector) + 1e-8)
