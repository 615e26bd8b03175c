"""Batch normalisation (arXiv:1502.03167) as one operation of TensorFlow's: on a processor, faster by half.

Keras writes it out as some ten operations. Each reads and writes the whole tensor, in float32 even where the
network computes in bfloat16. benchmarks/batch_norm.py measures both.
"""

from typing import Any

import keras


# The class's name is the layer's place in a .weights.h5: it must be Keras's own.
@keras.saving.register_keras_serializable("dermdistill")
class BatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]  # Keras ships no types
    """Keras's layer, with the same weights; over the channels of pictures it takes the one operation."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise `[batch, height, width, channels]`; tensors of any other shape go Keras's way."""
        if len(inputs.shape) != 4 or self.axis not in (-1, 3) or mask is not None or self.renorm:
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf  # noqa: PLC0415  # not there where Keras runs on JAX

        by_batch = bool(training and self.trainable)
        nothing = tf.constant([], tf.float32)
        mean, variance = tf.convert_to_tensor(self.moving_mean), tf.convert_to_tensor(self.moving_variance)
        outputs, batch_mean, batch_variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=tf.cast(inputs, self.compute_dtype),
            scale=tf.convert_to_tensor(self.gamma) if self.scale else tf.ones_like(mean),
            offset=tf.convert_to_tensor(self.beta) if self.center else tf.zeros_like(mean),
            mean=nothing if by_batch else mean,
            variance=nothing if by_batch else variance,
            epsilon=self.epsilon,
            is_training=by_batch,
        )
        if by_batch:
            # The operation divides by n - 1; Keras's moving variance is of the batch alone, divided by n.
            count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:-1]), tf.float32)
            self.moving_mean.assign(self._blend(mean, batch_mean))
            self.moving_variance.assign(self._blend(variance, batch_variance * (count - 1.0) / count))
        return outputs

    def _blend(self, moving: Any, of_batch: Any) -> Any:
        return moving * self.momentum + of_batch * (1.0 - self.momentum)


def fuse_batch_norm(backbone: Any) -> Any:
    """The same network, weights at random, with the faster layer; on JAX, which fuses by itself, as it is."""
    if keras.backend.backend() != "tensorflow":
        return backbone
    return keras.models.clone_model(backbone, clone_function=_fused)


def _fused(layer: Any) -> Any:
    kind = BatchNormalization if type(layer) is keras.layers.BatchNormalization else type(layer)
    return kind.from_config(layer.get_config())
