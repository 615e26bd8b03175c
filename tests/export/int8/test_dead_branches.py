"""A branch whose ReLU never opens: the file has a range for it, and the answers stay."""

import numpy as np
import pytest

from dermdistill.export.int8.dead_branches import wake_silent_branches
from dermdistill.export.int8.equalise import equalise


@pytest.fixture
def squeezed():
    """Squeeze-and-excitation as MobileNetV3 has it, with a squeeze that is shut."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(5)
    image = keras.Input((16, 16, 3))
    x = layers.Conv2D(8, 3, padding="same")(image)
    pooled = layers.GlobalAveragePooling2D(keepdims=True)(x)
    shut = layers.Conv2D(4, 1, bias_initializer=keras.initializers.Constant(-100.0), name="shut")(pooled)
    gate = layers.Conv2D(8, 1, name="gate")(layers.ReLU(name="silent")(shut))
    gate = layers.ReLU(6.0)(gate + 3.0) / 6.0
    open_ = layers.ReLU(name="heard")(layers.Conv2D(8, 1, name="open")(x))
    x = layers.Multiply()([layers.Conv2D(8, 1)(open_), gate])
    return keras.Model(image, x)


def test_the_silent_one_gets_a_range_and_the_answers_stay(squeezed):
    import keras

    images = np.random.default_rng(0).normal(size=(16, 16, 16, 3)).astype(np.float32)
    before = squeezed.predict_on_batch(images)
    heard = keras.Model(squeezed.input, squeezed.get_layer("silent").output)
    assert heard.predict_on_batch(images).max() == 0
    assert wake_silent_branches(squeezed, images) == 1
    np.testing.assert_allclose(squeezed.predict_on_batch(images), before, atol=1e-6)
    assert heard.predict_on_batch(images).max() == 1
    assert wake_silent_branches(squeezed, images) == 0


def test_channels_beside_plain_operations_are_left_alone(squeezed):
    # `gate + 3` is an operation of the graph, no layer; what is scaled must not pass through it.
    images = np.random.default_rng(0).normal(size=(16, 16, 16, 3)).astype(np.float32)
    before = squeezed.predict_on_batch(images)
    assert equalise(squeezed, images) == 0
    np.testing.assert_array_equal(squeezed.predict_on_batch(images), before)
