"""Gradient Grad-CAM on any Keras model of the registry (Selvaraju et al. 2017, arXiv:1610.02391).

Each channel of the last spatial features is weighted by the logit's gradient, averaged over space. The
positive part of their sum is the heat. The registry's head is linear after average pooling, so there this is
the positive class map divided by height * width; a test shows it.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dermdistill.errors import ModelError

HEAD = "class_maps"


class GradCam:
    """A model cut in two at its last spatial features, the input of its layer `class_maps`.

    Args:
        model: a model with the outputs of the registry's.

    Raises:
        ModelError: Keras runs on a backend other than TensorFlow and JAX.
    """

    def __init__(self, model: Any):
        if keras.backend.backend() not in ("tensorflow", "jax"):
            raise ModelError(
                f"Grad-CAM needs gradients by TensorFlow or JAX, not by {keras.backend.backend()}; "
                "set KERAS_BACKEND accordingly."
            )
        spatial = model.get_layer(HEAD).input
        self._features = keras.Model(model.input, spatial)
        self._logits = keras.Model(spatial, model.output["logits"])

    def features(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the last spatial features `[b, h, w, channels]` of RGB uint8 images `[b, s, s, 3]`."""
        return np.asarray(self._features.predict_on_batch(images), np.float32)

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits `[b, classes]` of features."""
        return np.asarray(self._logits.predict_on_batch(features), np.float32)

    def gradient(self, features: NDArray[np.float32], chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return d logit / d features, `[b, h, w, channels]`, of the class `chosen` `[b]` of each image."""
        one_hot = np.eye(self._logits.output.shape[-1], dtype=np.float32)[chosen]

        # At inference no image influences another, so the gradient of the sum is each image's own.
        def total(values: Any) -> Any:
            return ops.sum(self._logits(values, training=False) * one_hot)

        if keras.backend.backend() == "jax":
            import jax  # noqa: PLC0415 - only where it is the backend

            return np.asarray(jax.grad(total)(features), np.float32)
        import tensorflow as tf  # noqa: PLC0415 - only where it is the backend

        values = tf.convert_to_tensor(features)
        with tf.GradientTape() as tape:
            tape.watch(values)
            summed = total(values)
        return np.asarray(tape.gradient(summed, values), np.float32)

    def heat(self, features: NDArray[np.float32], chosen: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return Grad-CAM `[b, h, w]`, 0 or more, of the class `chosen` `[b]` of each image."""
        weights = self.gradient(features, chosen).mean(axis=(1, 2), keepdims=True)
        return np.asarray(np.maximum((weights * features).sum(axis=-1), 0), np.float32)


def grad_cam(model: Any, images: NDArray[np.uint8], chosen: NDArray[np.intp]) -> NDArray[np.float32]:
    """Grad-CAM of one class an image; see `GradCam`, which is quicker for many batches.

    Args:
        model: a model of the registry.
        images: RGB uint8 `[b, s, s, 3]`.
        chosen: class of each image `[b]`, as position in `CLASSES`.

    Returns:
        `[b, h, w]`, 0 or more, not scaled; see `inference.scale_heat`.

    Raises:
        ModelError: Keras runs on a backend other than TensorFlow and JAX.
    """
    cam = GradCam(model)
    return cam.heat(cam.features(images), chosen)
