"""Batch normalisation as one operation of TensorFlow's, which on a processor halves the time of a training step.

Keras writes it out as some ten operations, each of which reads and writes the whole tensor, in float32 even where
the network computes in bfloat16 (arXiv:1502.03167; benchmarks/batch_norm.py measures both).
"""

from typing import Any

import keras


# The class's name is the layer's place in a .weights.h5: it must be Keras's own.
@keras.saving.register_keras_serializable("dermdistill")
class BatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]  # Keras ships no types
    """Keras's layer, with the same weights; training over the channels of pictures takes the one operation."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise `[batch, height, width, channels]`; any other shape, and inference, goes Keras's way."""
        over_channels = len(inputs.shape) == 4 and self.axis in (-1, 3)
        if not (training and self.trainable and over_channels) or mask is not None or self.renorm:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf  # noqa: PLC0415  # not there where Keras runs on JAX

        nothing = tf.constant([], tf.float32)
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=tf.cast(inputs, self.compute_dtype),
            scale=tf.convert_to_tensor(self.gamma) if self.scale else tf.ones_like(self.moving_mean),
            offset=tf.convert_to_tensor(self.beta) if self.center else tf.zeros_like(self.moving_mean),
            mean=nothing,
            variance=nothing,
            epsilon=self.epsilon,
            is_training=True,
        )
        # The operation divides by n - 1; Keras's moving variance is of the batch alone, divided by n.
        count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
        self._follow(self.moving_mean, mean)
        self._follow(self.moving_variance, variance * (count - 1.0) / count)
        return outputs

    def _follow(self, moving: Any, of_batch: Any) -> None:
        moving.assign(moving * self.momentum + of_batch * (1.0 - self.momentum))


def fuse_batch_norm(backbone: Any) -> Any:
    """The same network, weights at random, with the faster layer; on JAX, which fuses by itself, as it is."""
    if keras.backend.backend() != "tensorflow":
        return backbone
    return keras.models.clone_model(backbone, clone_function=_fused)


def _fused(layer: Any) -> Any:
    kind = BatchNormalization if type(layer) is keras.layers.BatchNormalization else type(layer)
    return kind.from_config(layer.get_config())
